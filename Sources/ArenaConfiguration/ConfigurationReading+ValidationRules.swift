internal import AgentValidation
internal import ArenaCore

extension ConfigurationReading {
  /// The rules of the sections `validation` and `sandbox`. Every key is read by itself, so that each mistake is found.
  mutating func validationRules() -> ValidationRules {
    var rules = ValidationRules()
    let total = part("sandbox.max_code_size_mb", or: rules, shown: { Self.mebibytes($0.totalBytes) }) {
      section throws(FieldError) in try ValidationRules(validation: nil, sandbox: section)
    }
    rules.totalBytes = total.totalBytes
    // Its default is never more than all files may have together.
    rules.fileBytes = total.fileBytes
    func rule(_ name: String, _ shown: (ValidationRules) -> String) -> ValidationRules {
      part("validation.\(name)", or: rules, shown: shown) { section throws(FieldError) in
        try ValidationRules(validation: section)
      }
    }
    rules.fileBytes = rule("max_file_size_mb") { Self.mebibytes($0.fileBytes) }.fileBytes
    rules.files = rule("max_files") { "\($0.files)" }.files
    rules.lines = rule("max_lines") { "\($0.lines)" }.lines
    rules.allowedExtensions = rule("allowed_extensions") { Self.shown($0.allowedExtensions) }.allowedExtensions
    rules.forbiddenImports = rule("forbidden_imports") { Self.shown($0.forbiddenImports) }.forbiddenImports
    return rules
  }

  private mutating func part(
    _ key: String,
    or rules: ValidationRules,
    shown: (ValidationRules) -> String,
    _ read: (FieldReader) throws(FieldError) -> ValidationRules
  ) -> ValidationRules {
    value(key, or: rules, shown: shown) { (section, name) throws(FieldError) in
      guard let section = try section.only(name) else { return nil }
      return try read(section)
    }
  }

  private static func mebibytes(_ bytes: Int) -> String { shown(Double(bytes) / 1_048_576) }
}
