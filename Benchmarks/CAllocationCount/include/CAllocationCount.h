// Counts heap allocations. A program that links this target calls its malloc, calloc, realloc, aligned_alloc,
// posix_memalign and memalign, which count and go on to glibc's own.
#ifndef RL_ARENA_C_ALLOCATION_COUNT_H
#define RL_ARENA_C_ALLOCATION_COUNT_H

#include <stdint.h>

/// Allocations that the calling thread has made since it began.
uint64_t c_allocation_count_of_this_thread(void);

#endif
