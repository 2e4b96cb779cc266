/// A text that equals another only where their bytes are the same, as databases compare them.
///
/// To Swift, é is the same as e with an accent behind it; to a store, keys so written are two.
package struct ExactText: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (lhs: Self, rhs: Self) -> Bool { lhs.text.utf8.elementsEqual(rhs.text.utf8) }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // Where it ends, for those who hash more behind it.
        hasher.combine(0xFF as UInt8)
    }
}
