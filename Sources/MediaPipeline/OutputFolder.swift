internal import ObjectStorage

/// A name that people recognise for where a file's outputs go: its label, and a short id made from its content and the preset.
///
/// The id keeps files of the same name apart. Eight hex digits do that for one person's folder; a service that stores what strangers
/// send leaves the folder out, and outputs go under the whole hash.
public struct OutputFolder: Codable, Sendable, Hashable {
    /// What people call the file.
    public let label: String
    /// Eight hex digits; the same for the same bytes and the same preset.
    public let id: String

    /// The folder of a file that people call `label`; characters that no folder should have in its name are replaced.
    public init(label: String, source: MediaSource, preset: MediaPreset) {
        self.label = Self.cleaned(label)
        id = String(ContentHash.sha256(of: "\(source.sha256) \(preset.digest)".utf8).prefix(8))
    }

    /// What the keys of the outputs begin with.
    public var prefix: String { "\(label)-\(id)" }

    private static func cleaned(_ label: String) -> String {
        var result = ""
        for character in label {
            let isPlain = character.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && scalar.value != 0x7f && !(0x80...0x9f).contains(scalar.value)
            }
            let next = isPlain && character != "/" && character != "\\" ? character : "_"
            guard result.utf8.count + next.utf8.count <= 80 else { break }
            result.append(next)
        }
        // A folder that begins with a dot is hidden.
        if result.isEmpty || result.hasPrefix(".") { result = "_" + result.dropFirst() }
        return result
    }
}
