internal import ObjectStorage
public import TaskCore

/// A media task type: the same bytes and the same preset are the same task.
public protocol MediaTask: TaskDefinition where Input: MediaTaskInput {}

/// What every media task is given.
public protocol MediaTaskInput: Codable, Sendable {
    /// The file.
    var source: MediaSource { get }
    /// What beside the source's bytes decides what comes out, at most 64 characters.
    var variation: String { get }
}

extension MediaTask {
    /// The queue `media`, three attempts with exponential backoff up to a minute, five minutes for each.
    public static var defaults: TaskDefaults {
        TaskDefaults(
            queue: "media",
            maxAttempts: 3,
            retry: .exponential(base: .seconds(1), cap: .seconds(60)),
            timeout: .seconds(300)
        )
    }

    /// What makes two inputs the same task, for ever: type, content and variation, not where the file lies or what it is called.
    ///
    /// - Parameters:
    ///   - input: What is asked for.
    ///   - scope: Keeps tasks apart that write to different places; at most 40 characters.
    public static func idempotencyKey(for input: Input, scope: String = "") -> IdempotencyKey {
        IdempotencyKey("\(name):\(input.source.sha256):\(input.variation):\(scope)", timeToLive: nil)
    }

    /// Stores a task, or finds the one that does the same to the same bytes, whatever has become of it.
    ///
    /// - Parameters:
    ///   - input: What is asked for.
    ///   - manager: Whose store the task is kept in.
    ///   - scope: As for ``idempotencyKey(for:scope:)``.
    ///   - options: An idempotency key in them replaces this type's own.
    /// - Throws: As `TaskManager.enqueue`, but no `idempotencyConflict` for a file that was asked for under another name or key.
    public static func enqueue(
        _ input: Input,
        on manager: TaskManager,
        scope: String = "",
        options: EnqueueOptions = EnqueueOptions()
    ) async throws -> TaskHandle<Output> {
        var options = options
        options.idempotency = options.idempotency ?? idempotencyKey(for: input, scope: scope)
        do {
            return try await manager.enqueue(Self.self, input, options: options)
        } catch let error as TaskError where error.code == .idempotencyConflict {
            guard let id = error.taskID, let existing = try await manager.find(id), existing.name == name,
                let known = try? existing.input.decode(Input.self),
                known.source.sha256 == input.source.sha256, known.variation == input.variation
            else { throw error }
            return manager.handle(id, of: Self.self)
        }
    }
}
