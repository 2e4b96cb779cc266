public import TaskCore

extension SQLiteTaskStore {
    /// How a store treats its file.
    public struct Options: Sendable {
        /// What an acknowledged write survives.
        public enum Durability: String, Sendable, CaseIterable {
            /// A power loss: the write-ahead log is synced at every commit.
            case full
            /// The death of the process, but not a power loss, which may forget the last commits. The file stays intact.
            case normal
        }

        /// What an acknowledged write survives.
        public var durability: Durability
        /// How long a file that another process keeps locked is waited for before a call fails with `storeUnavailable`.
        ///
        /// A call that comes while others wait already may wait up to twice as long: with them, then by itself. The wait takes no thread
        /// of Swift's pool, and a caller whose task is cancelled leaves it at once.
        public var busyTimeout: Duration
        /// Where every 'now' comes from.
        public var clock: any TaskClock
        /// How often other processes' commits are looked for while somebody listens to ``SQLiteTaskStore/signals(_:)``.
        public var pollInterval: Duration
        /// How many reads run at the same time, each on a connection and a thread of its own; at least 1.
        public var readers: Int

        /// Durable, patient for a minute, looking for other processes' commits every 20 ms.
        public init(
            durability: Durability = .full,
            busyTimeout: Duration = .seconds(60),
            clock: any TaskClock = SystemTaskClock(),
            pollInterval: Duration = .milliseconds(20),
            readers: Int = 3
        ) {
            self.durability = durability
            self.busyTimeout = busyTimeout
            self.clock = clock
            self.pollInterval = pollInterval
            self.readers = readers
        }
    }
}
