/// How much of a text is kept. Texts from handlers and errors are cut rather than refused, so that writing a failure
/// always succeeds.
package struct TextLimit: Sendable {
    package let bytes: Int

    package static let message = TextLimit(bytes: 500)
    package static let error = TextLimit(bytes: 8 * 1024)

    /// The text without U+0000 and, where it is longer than the limit, its beginning followed by '…'.
    package func cut(_ text: String) -> String {
        var text = text
        if text.utf8.contains(0) { text.unicodeScalars.removeAll { $0.value == 0 } }
        guard text.utf8.count > bytes else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: bytes)
        while end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end]) + "…"
    }
}
