import GRDB
import TaskCore

/// Runs reads on threads of our own, each on a connection of GRDB's reader pool: never behind the writer, never on Swift's pool.
final class ReaderThreads: Sendable {
    private let queue = BlockingQueue<@Sendable () -> Void>()
    private let pool: DatabasePool
    private let endings: [Ending]

    init(pool: DatabasePool, count: Int) {
        self.pool = pool
        let queue = queue
        endings = (0..<count).map { index in
            let ending = Ending()
            startBlockingThread("sqlite-reader-\(index)") {
                while let job = queue.take(atMost: 1).first { job() }
                ending.finish()
            }
            return ending
        }
    }

    /// Runs a read in one snapshot.
    func read<Answer: Sendable>(_ body: @escaping @Sendable (Database) throws -> Answer) async throws -> Answer {
        let call = PendingCall<Answer>()
        return try await call.wait {
            queue.append { [pool] in
                guard call.begin() else { return }
                call.resume(Result { try pool.read(body) }.mapError(TaskError.from))
            }
        }
    }

    /// Takes no more reads; those accepted are still answered.
    func closeSoon() { queue.close() }

    /// Takes no more reads, and returns when those accepted have been answered.
    func close() async {
        closeSoon()
        for ending in endings { await ending.wait() }
    }
}
