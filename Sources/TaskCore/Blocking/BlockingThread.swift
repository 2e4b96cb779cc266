import Foundation

/// Starts a thread of our own, for work that blocks: Swift's pool must stay free for others, and may be blocked by them.
package func startBlockingThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 1 << 20
    thread.start()
}

/// Sleeps on such a thread.
package func blockingSleep(_ duration: Duration) {
    if duration > .zero { Thread.sleep(forTimeInterval: duration.inSeconds) }
}
