import Tracing

/// A task carries the trace of whoever enqueued it, so that its runs, in whatever process, are spans of the same trace.
///
/// It travels as one member of the metadata, which every store keeps, and only where a tracer was bootstrapped.
extension NewTask {
    /// The metadata's member: an object of what the tracer injects, such as `traceparent`.
    static let traceKey = "taskcore.trace"

    /// The task, and those that follow it, with a trace to go on with.
    func carrying(_ context: InstrumentationContext) -> NewTask {
        var carrier: [String: String] = [:]
        InstrumentationSystem.instrument.inject(context, into: &carrier, using: DictionaryCarrier())
        return carrier.isEmpty ? self : carrying(.object(carrier.mapValues { .string($0) }))
    }

    /// The task with the trace of the code that runs now, where there is one.
    package func carryingCurrentTrace() -> NewTask {
        guard InstrumentationSystem.isTracing, let context = InstrumentationContext.current else { return self }
        return carrying(context)
    }

    private func carrying(_ trace: JSONValue) -> NewTask {
        var task = self
        if task.metadata[Self.traceKey] == nil { task.metadata[Self.traceKey] = trace }
        if !followUps.isEmpty { task.followUps = followUps.map { $0.carrying(trace) } }
        return task
    }

    /// The context in which the task was enqueued, as far as it is known.
    var traceContext: InstrumentationContext {
        var context = InstrumentationContext.current ?? .topLevel
        guard case .object(let members)? = metadata[Self.traceKey] else { return context }
        let carrier = members.compactMapValues { if case .string(let text) = $0 { text } else { nil } }
        InstrumentationSystem.instrument.extract(carrier, into: &context, using: DictionaryCarrier())
        return context
    }
}

extension InstrumentationSystem {
    /// Whether a tracer was bootstrapped: without one, no span is made and no trace carried.
    static var isTracing: Bool { !(tracer is NoOpTracer) }
}

private struct DictionaryCarrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}
