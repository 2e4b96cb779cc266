import Foundation
import ObjectStorage
import Testing

struct ObjectKeyTests {
    @Test(
        "a key that a storage could misread is refused, with the reason",
        arguments: [
            "", "/", "/etc/passwd", "a/", "a//b", ".", "..", "../a", "a/..", "a/../../b", "a/./b", "a\0b", "a\nb",
            "a\u{7f}",
            String(repeating: "x", count: 256), String(repeating: "a/", count: 600) + "a",
            Array(repeating: "a", count: 65).joined(separator: "/"),
        ]
    )
    func refused(_ string: String) {
        let error = #expect(throws: ObjectStorageError.self) { try ObjectKey(string) }
        #expect(error?.code == .invalidKey)
        #expect(error?.isRetryable == false)
    }

    @Test(
        "what only looks dangerous is a plain name",
        arguments: [
            "...", "a/..b", "%2e%2e/a", "~/a", "$HOME", "a\\..\\b", "-rf", ".hidden", "c:d", "ünï/✓", " ", "a b",
            String(repeating: "x", count: 255), Array(repeating: "a", count: 64).joined(separator: "/"),
        ]
    )
    func accepted(_ string: String) throws {
        #expect(try ObjectKey(string).string.utf8.elementsEqual(string.utf8))
    }

    @Test("keys are equal only when their bytes are")
    func equality() throws {
        let (composed, decomposed) = (try ObjectKey("caf\u{e9}"), try ObjectKey("cafe\u{301}"))
        #expect(composed.string == decomposed.string)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, composed]).count == 2)
    }

    @Test("a decoded key is validated too")
    func decoding() throws {
        let key = try ObjectKey("a/b")
        #expect(try JSONDecoder().decode(ObjectKey.self, from: JSONEncoder().encode(key)) == key)
        #expect(throws: ObjectStorageError.self) {
            try JSONDecoder().decode(ObjectKey.self, from: Data(#""../a""#.utf8))
        }
    }
}
