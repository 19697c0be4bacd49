internal import GRPCCore
internal import SwiftProtobuf

/// Finds descriptors by what they describe.
struct DescriptorIndex {
  private let services: [String]
  private var files: [String: Google_Protobuf_FileDescriptorProto] = [:]
  /// The file that declares a symbol.
  private var symbols: [String: String] = [:]
  /// The files that extend a message, by field number.
  private var extensions: [String: [Int32: String]] = [:]

  init(services: [String], descriptors: [[UInt8]]) throws {
    self.services = services.sorted()
    for bytes in descriptors {
      for file in try Google_Protobuf_FileDescriptorSet(serializedBytes: bytes).file where files[file.name] == nil {
        add(file)
      }
    }
  }

  /// Answers one question.
  func answer(
    to question: Grpc_Reflection_V1_ServerReflectionRequest
  ) throws -> Grpc_Reflection_V1_ServerReflectionResponse {
    var answer = Grpc_Reflection_V1_ServerReflectionResponse()
    answer.validHost = question.host
    answer.originalRequest = question
    switch question.messageRequest {
    case .fileByFilename(let name):
      try describe(file: name, what: "file \(name)", in: &answer)
    case .fileContainingSymbol(let symbol):
      try describe(file: symbols[symbol], what: "symbol \(symbol)", in: &answer)
    case .fileContainingExtension(let wanted):
      let file = extensions[wanted.containingType]?[wanted.extensionNumber]
      try describe(file: file, what: "extension \(wanted.extensionNumber) of \(wanted.containingType)", in: &answer)
    case .allExtensionNumbersOfType(let type):
      guard symbols[type] != nil else {
        Self.refuse("type \(type)", in: &answer)
        return answer
      }
      answer.allExtensionNumbersResponse.baseTypeName = type
      answer.allExtensionNumbersResponse.extensionNumber = (extensions[type] ?? [:]).keys.sorted()
    case .listServices:
      answer.listServicesResponse.service = services.map { name in
        var service = Grpc_Reflection_V1_ServiceResponse()
        service.name = name
        return service
      }
    case nil:
      answer.errorResponse.errorCode = Int32(RPCError.Code.invalidArgument.rawValue)
      answer.errorResponse.errorMessage = "the request asks nothing: message_request is not set"
    }
    return answer
  }

  /// Puts a file and all that it imports into an answer.
  private func describe(
    file: String?,
    what: String,
    in answer: inout Grpc_Reflection_V1_ServerReflectionResponse
  ) throws {
    guard let file, files[file] != nil else {
      Self.refuse(what, in: &answer)
      return
    }
    var names = [file]
    var position = 0
    while position < names.count {
      guard let next = files[names[position]] else {
        position += 1
        continue
      }
      answer.fileDescriptorResponse.fileDescriptorProto.append(try next.serializedBytes())
      for name in next.dependency where !names.contains(name) { names.append(name) }
      position += 1
    }
  }

  private static func refuse(_ what: String, in answer: inout Grpc_Reflection_V1_ServerReflectionResponse) {
    answer.errorResponse.errorCode = Int32(RPCError.Code.notFound.rawValue)
    answer.errorResponse.errorMessage = "there is no \(what) here"
  }

  private mutating func add(_ file: Google_Protobuf_FileDescriptorProto) {
    files[file.name] = file
    let package = file.package.isEmpty ? "" : file.package + "."
    for message in file.messageType { add(message, in: package, file: file.name) }
    for enumeration in file.enumType { add(enumeration, in: package, file: file.name) }
    for service in file.service {
      symbols[package + service.name] = file.name
      for method in service.method { symbols["\(package)\(service.name).\(method.name)"] = file.name }
    }
    for field in file.extension { add(extension: field, in: package, file: file.name) }
  }

  private mutating func add(_ message: Google_Protobuf_DescriptorProto, in scope: String, file: String) {
    let name = scope + message.name
    symbols[name] = file
    for field in message.field { symbols["\(name).\(field.name)"] = file }
    for choice in message.oneofDecl { symbols["\(name).\(choice.name)"] = file }
    for nested in message.nestedType { add(nested, in: name + ".", file: file) }
    for enumeration in message.enumType { add(enumeration, in: name + ".", file: file) }
    for field in message.extension { add(extension: field, in: name + ".", file: file) }
  }

  private mutating func add(_ enumeration: Google_Protobuf_EnumDescriptorProto, in scope: String, file: String) {
    symbols[scope + enumeration.name] = file
    // An enum's values are named as its siblings, as in C++.
    for value in enumeration.value { symbols[scope + value.name] = file }
  }

  private mutating func add(extension field: Google_Protobuf_FieldDescriptorProto, in scope: String, file: String) {
    symbols[scope + field.name] = file
    let type = field.extendee.hasPrefix(".") ? String(field.extendee.dropFirst()) : field.extendee
    extensions[type, default: [:]][field.number] = file
  }
}
