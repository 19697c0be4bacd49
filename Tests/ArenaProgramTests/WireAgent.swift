/// A program that speaks the agent protocol by itself, without the agent host.
enum WireAgent {
  /// Its source; `onWelcome` is run once the variable `welcome` is known.
  static func source(_ onWelcome: String = "") -> String {
    """
    #!/usr/bin/python3 -IS
    import json, os, socket, struct
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.environ["RL_ARENA_SOCKET"])
    stream = connection.makefile("rb")
    def send(kind, sequence, payload):
        connection.sendall(struct.pack("<IBBHQ", len(payload), kind, 0, 0, sequence) + payload)
    def receive():
        header = stream.read(16)
        if len(header) < 16:
            raise SystemExit(0)
        length, kind, flags, reserved, sequence = struct.unpack("<IBBHQ", header)
        return kind, sequence, stream.read(length)
    send(1, 0, b'{"protocol_versions": [1], "host": "tiny"}')
    welcome = json.loads(receive()[2])
    \(onWelcome)
    send(3, 0, b"{}")
    while True:
        kind, sequence, payload = receive()
        if kind == 4:
            send(3, sequence, b"{}")
        elif kind == 5:
            send(6, sequence, struct.pack("<Qq", 0, 1))
        elif kind == 7 and json.loads(payload)["final"]:
            print("outcome:", json.loads(payload)["outcome"], flush=True)
            raise SystemExit(0)
    """
  }
}
