import Tracing

extension TaskManager {
    /// Stores a task of a type; when this returns, it is as durable as the store makes things.
    ///
    /// - Returns: A handle of the task; of the existing one where the idempotency or unique key is a known one's.
    /// - Throws: `TaskError` with code `invalidInput` when a part is out of range, `idempotencyConflict` when the key was used for another
    ///   input or a task of another type holds the unique key, `storeUnavailable` when the store does not answer: repeating is harmless
    ///   only with an idempotency key or a task of fixed id.
    @discardableResult
    public func enqueue<Definition: TaskDefinition>(
        _ type: Definition.Type,
        _ input: Definition.Input,
        options: EnqueueOptions = EnqueueOptions()
    ) async throws -> TaskHandle<Definition.Output> {
        let request = EnqueueRequest(try NewTask(type, input, options: options).validated())
        guard let id = try await ids(of: [request]).first else {
            throw TaskError(
                .storeUnavailable,
                "The store did not say what became of the task.",
                taskID: request.task.id
            )
        }
        return handle(id)
    }

    /// Stores a task of a type that takes no input.
    ///
    /// - Throws: As ``enqueue(_:_:options:)``.
    @discardableResult
    public func enqueue<Definition: TaskDefinition>(
        _ type: Definition.Type,
        options: EnqueueOptions = EnqueueOptions()
    ) async throws -> TaskHandle<Definition.Output> where Definition.Input == NoValue {
        try await enqueue(type, NoValue(), options: options)
    }

    /// Stores many tasks of a type in one transaction.
    ///
    /// - Returns: Their handles, in order.
    /// - Throws: As ``enqueue(_:_:options:)``; an idempotency conflict of one does not keep the others out.
    @discardableResult
    public func enqueue<Definition: TaskDefinition>(
        _ type: Definition.Type,
        all inputs: [Definition.Input],
        options: EnqueueOptions = EnqueueOptions()
    ) async throws -> [TaskHandle<Definition.Output>] {
        let prototype = try NewTask(name: Definition.name, input: .null, Definition.defaults, options).validated()
        var requests: [EnqueueRequest] = []
        requests.reserveCapacity(inputs.count)
        for input in inputs {
            requests.append(EnqueueRequest(try prototype.another(input: JSONText(encoding: input))))
        }
        var handles: [TaskHandle<Definition.Output>] = []
        handles.reserveCapacity(inputs.count)
        for id in try await ids(of: requests) { handles.append(handle(id)) }
        return handles
    }

    /// Stores tasks of whatever types in one transaction.
    ///
    /// - Returns: The stored record of each, in order: the existing one where an id or key is known already.
    /// - Throws: As ``enqueue(_:_:options:)``.
    @discardableResult
    public func enqueue(_ tasks: [NewTask]) async throws -> [TaskRecord] {
        let requests = try tasks.map { EnqueueRequest(try $0.validated()) }
        return try zip(try await results(of: requests), requests).map { try $0.record(of: $1) }
    }

    private func ids(of requests: [EnqueueRequest]) async throws -> [TaskID] {
        try zip(try await results(of: requests), requests).map { try $0.record(ofSameType: $1).id }
    }

    private func results(of requests: [EnqueueRequest]) async throws -> [EnqueueResult] {
        guard isTracing else { return try await store.enqueue(requests) }
        return try await withSpan("enqueue", ofKind: .producer) { span in
            try await store.enqueue(requests.map { EnqueueRequest($0.task.carrying(span.context)) })
        }
    }

    /// The handle of a stored task by id. Nothing is read: a task that does not exist shows when the handle is used.
    public func handle<Output: Decodable & Sendable>(_ id: TaskID, output: Output.Type = Output.self) -> TaskHandle<
        Output
    > {
        TaskHandle(id: id, manager: self)
    }

    /// The handle of a stored task by id, with the output of its type.
    public func handle<Definition: TaskDefinition>(_ id: TaskID, of type: Definition.Type) -> TaskHandle<
        Definition.Output
    > {
        TaskHandle(id: id, manager: self)
    }
}

extension EnqueueResult {
    /// The stored record, whose result is that of the type that was asked for.
    ///
    /// - Throws: `TaskError` with code `idempotencyConflict`.
    fileprivate func record(ofSameType request: EnqueueRequest) throws -> TaskRecord {
        let record = try record(of: request)
        guard record.name == request.task.name else {
            throw TaskError(
                .idempotencyConflict,
                "A task of type '\(record.name)' holds the unique key '\(request.task.uniqueKey ?? "")'; "
                    + "keys are the store's, so put the type's name into them.",
                taskID: record.id
            )
        }
        return record
    }

    /// The stored record.
    ///
    /// - Throws: `TaskError` with code `idempotencyConflict`.
    fileprivate func record(of request: EnqueueRequest) throws -> TaskRecord {
        switch self {
        case .inserted(let record), .existing(let record): return record
        case .conflict(let id):
            throw TaskError(
                .idempotencyConflict,
                "The idempotency key '\(request.task.idempotency?.key ?? "")' was used before for another task name or input; "
                    + "use a new key, or the same input.",
                taskID: id
            )
        }
    }
}
