#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import TaskCore

/// A store under test with the clock it was made with, and the words that checks are written in.
struct StoreProbe: Sendable {
    let store: any TaskStore
    let clock: ManualClock
    let check: String

    var now: Date { clock.now() }

    func advance(_ duration: Duration) { clock.advance(by: duration) }

    // MARK: Saying what is wrong

    func failure(
        _ what: String,
        expected: Any,
        seen: Any,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) -> StoreCheckFailure {
        StoreCheckFailure(
            check: check,
            message: "\(what)\n    expected: \(Brief.text(expected))\n    seen:     \(Brief.text(seen))",
            location: "\(fileID):\(line)"
        )
    }

    func expect<Value: Equatable>(
        _ seen: Value,
        equals expected: Value,
        _ what: String,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) throws {
        guard seen != expected else { return }
        if let lines = Brief.difference(expected, seen) {
            let message = "\(what)\n\(lines)"
            throw StoreCheckFailure(check: check, message: message, location: "\(fileID):\(line)")
        }
        throw failure(what, expected: expected, seen: seen, fileID: fileID, line: line)
    }

    func expect(
        _ holds: Bool,
        _ what: String,
        seen: Any,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) throws {
        guard !holds else { return }
        throw failure(what, expected: "that", seen: seen, fileID: fileID, line: line)
    }

    func require<Value>(
        _ value: Value?,
        _ what: String,
        fileID: StaticString = #fileID,
        line: UInt = #line
    ) throws -> Value {
        guard let value else { throw failure(what, expected: "a value", seen: "nil", fileID: fileID, line: line) }
        return value
    }
}

/// Values as text that fits a screen.
enum Brief {
    static func text(_ value: Any) -> String {
        let text = String(describing: value)
        return text.count <= 2_000 ? text : "\(text.prefix(2_000))… (\(text.utf8.count) bytes)"
    }

    /// The members that differ, one per line; nil for values that have none to compare one by one.
    static func difference(_ expected: Any, _ seen: Any, path: String = "") -> String? {
        let (left, right) = (Mirror(reflecting: expected), Mirror(reflecting: seen))
        guard left.displayStyle == .struct, right.displayStyle == .struct, left.children.count > 2,
            left.subjectType == right.subjectType
        else { return nil }
        let lines = zip(left.children, right.children).compactMap { old, new -> String? in
            guard let a = old.value as? AnyHashable, let b = new.value as? AnyHashable, a != b else { return nil }
            let name = path + (old.label ?? "?")
            return difference(old.value, new.value, path: "\(name).")
                ?? "    \(name): expected \(text(old.value)), saw \(text(new.value))"
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}
