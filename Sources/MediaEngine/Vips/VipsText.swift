internal import CVips

/// What libvips said about a failure, fit to be shown: without paths, in one line, not long.
struct VipsText: Equatable {
    /// The cleaned text; empty when libvips said nothing.
    let text: String

    /// Cleans the text of an error.
    init(_ error: CVipsError) {
        self.init(
            withUnsafeBytes(of: error.text) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        )
    }

    /// Cleans a text of libvips: every word that holds a slash is a path, and what repeats is said once.
    init(_ raw: String) {
        var lines: [String] = []
        for line in raw.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ").map { $0.contains("/") || $0.contains("\\") ? "(file)" : String($0) }
            let clean = String(words.joined(separator: " ").filter { !$0.isASCII || $0 >= " " }.prefix(160))
            if !clean.isEmpty, !lines.contains(clean) { lines.append(clean) }
        }
        text = lines.prefix(3).joined(separator: "; ")
    }

    /// The error of a computation that reads the input. `isCutOff`: the file's end shows that something is missing.
    func decodingError(of format: ImageFormat, isCutOff: Bool) -> MediaError {
        if isOutOfMemory { return Self.outOfMemory }
        if mentions("system error: Input/output error") {
            return MediaError(.inputUnreadable, "The image could not be read from storage.")
        }
        if isCutOff
            || mentions("premature end", "out of data", "truncated", "unexpected end", "end of stream", "read gave")
        {
            return MediaError(.corruptInput, "The \(format.label) ends too early: the file is truncated.")
        }
        if mentions("operation is blocked", "no known loader") {
            return MediaError(.notAllowed, "\(format.label) images are not accepted.")
        }
        if mentions("class \"heifload", "class \"webpload", "class \"tiffload", "class \"gifload", "class \"pngload") {
            return MediaError(.libraryMissing, "The installed libvips cannot read \(format.label).")
        }
        return MediaError(.corruptInput, "The \(format.label) is damaged and cannot be decoded\(detail).")
    }

    /// The error of a computation on decoded pixels, or of encoding them.
    func renderingError(of what: String) -> MediaError {
        if isOutOfMemory { return Self.outOfMemory }
        if mentions("No space left") {
            return MediaError(.outputFailed, "The \(what) could not be written: the disk is full.")
        }
        if mentions("File too large") {
            return MediaError(.limitExceeded, "The \(what) is larger than the job may write.")
        }
        if mentions("class \"heifsave", "class \"webpsave", "Unsupported compression") {
            return MediaError(.libraryMissing, "The installed libvips cannot write the \(what).")
        }
        return MediaError(.outputFailed, "The \(what) could not be made\(detail).")
    }

    /// The job needs more memory than it may use.
    static let outOfMemory = MediaError(.limitExceeded, "The work needs more memory than is allowed.")

    private var isOutOfMemory: Bool {
        mentions("out of memory", "insufficient memory", "cannot allocate memory", "error creating thread")
    }
    private var detail: String { text.isEmpty ? "" : " (\(text))" }

    private func mentions(_ parts: String...) -> Bool {
        let lowercased = text.lowercased()
        return parts.contains { lowercased.contains($0.lowercased()) }
    }
}
