#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
internal import MediaEngine
internal import TaskCore

/// The presets of a service by name; as JSON, an object of them. `Docs/media.md` shows the form.
public struct MediaPresets: Codable, Sendable, Equatable {
    /// The presets by name.
    public private(set) var presets: [String: MediaPreset]

    /// These presets; of two with one name the last stands.
    public init(_ presets: [MediaPreset]) {
        self.presets = Dictionary(presets.map { ($0.name, $0) }) { _, last in last }
    }

    /// One preset, `default`: `thumb` 320, `medium` 800 and `large` 1600 pixels, JPEG of quality 80; posters of videos.
    public static let standard = MediaPresets([MediaPreset(name: "default")])

    /// The names, sorted.
    public var names: [String] { presets.keys.sorted() }

    /// The preset of that name.
    ///
    /// - Throws: `TaskError` with code `invalidInput` that lists the names there are.
    public func preset(_ name: String) throws -> MediaPreset {
        guard let preset = presets[name] else {
            let known = names.map { "'\($0)'" }.joined(separator: ", ")
            throw TaskError(.invalidInput, "There is no preset '\(name)'; there are \(known).")
        }
        return preset
    }

    /// Reads presets from JSON, and adds ``standard``'s where they do not name it themselves.
    ///
    /// - Throws: `TaskError` with code `invalidInput` that says where the fault is.
    public init(json: [UInt8]) throws {
        do {
            self = try JSONDecoder().decode(MediaPresets.self, from: Data(json))
        } catch let error as DecodingError {
            throw TaskError(.invalidInput, "The presets cannot be read: \(Self.readable(error))")
        }
        presets.merge(Self.standard.presets) { own, _ in own }
        for preset in presets.values {
            do {
                try preset.image.validate()
                try preset.poster.image.validate()
            } catch {
                throw TaskError(.invalidInput, "The preset '\(preset.name)' makes no sense: \(error.message)")
            }
        }
    }

    /// Reads an object of presets.
    public init(from decoder: any Decoder) throws {
        let forms = try [String: PresetForm](from: decoder)
        presets = Dictionary(uniqueKeysWithValues: forms.map { ($0.key, $0.value.preset(name: $0.key)) })
    }

    /// Writes an object of presets.
    public func encode(to encoder: any Encoder) throws {
        try presets.mapValues(PresetForm.init).encode(to: encoder)
    }

    private static func readable(_ error: DecodingError) -> String {
        switch error {
        case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is not JSON."
        case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
            "at \(place(context.codingPath)): \(context.debugDescription)"
        case .keyNotFound(let key, let context): "at \(place(context.codingPath)): '\(key.stringValue)' is missing."
        @unknown default: "\(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
