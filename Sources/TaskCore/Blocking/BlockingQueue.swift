import Foundation

/// Elements that threads of ours wait for, first come, first served.
// Unchecked: everything mutable is read and written under `condition` only.
package final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var elements: [Element] = []
    private var isClosed = false

    package init() {}

    /// Adds an element; false once the queue is closed.
    package func append(_ element: Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        guard !isClosed else { return false }
        elements.append(element)
        condition.signal()
        return true
    }

    /// Takes up to `limit` elements, waiting for the first; empty once the queue is closed and was emptied.
    package func take(atMost limit: Int) -> [Element] {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !isClosed { condition.wait() }
        let taken = Array(elements.prefix(limit))
        elements.removeFirst(taken.count)
        return taken
    }

    /// Waits for the first element, and answers how many there are; 0 once the queue is closed and was emptied.
    package func waitForAny() -> Int {
        condition.lock()
        defer { condition.unlock() }
        while elements.isEmpty, !isClosed { condition.wait() }
        return elements.count
    }

    /// Takes no more elements; those that wait are still handed out.
    package func close() {
        condition.lock()
        isClosed = true
        condition.broadcast()
        condition.unlock()
    }
}
