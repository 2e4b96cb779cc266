import Foundation
import Synchronization

/// Writes to standard output on a thread of its own: a reader that does not read, as a pager, holds up no task.
final class OutputThread: Sendable {
    private enum Item: Sendable {
        case text(String)
        case barrier(CheckedContinuation<Void, Never>)
    }

    private let items = Mutex<[Item]>([])
    private let available = DispatchSemaphore(value: 0)

    static let shared = OutputThread()

    private init() {
        let thread = Thread { [self] in
            while true {
                available.wait()
                let batch = items.withLock { items in
                    defer { items = [] }
                    return items
                }
                for item in batch {
                    switch item {
                    case .text(let text): StandardOutput.write(text)
                    case .barrier(let continuation): continuation.resume()
                    }
                }
            }
        }
        thread.name = "output"
        thread.start()
    }

    /// Writes a text after all that came before; returns at once.
    func write(_ text: String) { add(.text(text)) }

    /// Returns when everything is written.
    func flush() async {
        await withCheckedContinuation { add(.barrier($0)) }
    }

    private func add(_ item: Item) {
        items.withLock { $0.append(item) }
        available.signal()
    }
}
