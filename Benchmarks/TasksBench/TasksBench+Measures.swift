extension TasksBench {
    /// What was asked for, once.
    func measureOnce(_ place: BenchPlace, _ report: inout BenchReport) async throws {
        if drain > 0 { try await measureRates(place, &report) }
        if latency > 0 {
            try await place.withFreshStore { manager in
                report.add("latency_ms", try await LatencyMeasure.run(place, manager, perSecond: latency))
            }
        }
        if cancel > 0 {
            try await place.withFreshStore { manager in
                report.add("cancel_ms", try await CancelMeasure.run(place, manager, cancel))
            }
        }
        if progress > 0 {
            try await place.withFreshStore { manager in
                let times = try await ProgressMeasure.run(place, manager, progress)
                report.add("progress_ms", times.many)
                report.add("progress_alone_ms", times.alone)
            }
        }
        if backlog > 0 {
            let rates = try await BacklogMeasure.run(place, backlog)
            report.add("backlog_per_s.few", rates.few)
            report.add("backlog_per_s.many", rates.many)
            report.add("backlog_ratio", rates.few / rates.many)
        }
        if long > 0 { try await measureLong(place, &report) }
    }

    /// Ceiling and store turn by turn, so that a busy machine slows both down.
    private func measureRates(_ place: BenchPlace, _ report: inout BenchReport) async throws {
        if !noCeiling, let ceiling = try place.ceiling() {
            defer { ceiling.remove() }
            report.add("ceiling.enqueue_bulk_per_s", try await ceiling.enqueueBulk(drain))
            report.add("ceiling.drain_per_s", try await ceiling.drain(drain, connections: processes))
            report.add("ceiling.enqueue_single_per_s", try await ceiling.enqueueSingle(enqueue))
        }
        try await place.withFreshStore { manager in
            report.add("enqueue_bulk_per_s", try await EnqueueMeasure.bulk(manager, drain))
            let drained = try await DrainMeasure.run(
                place,
                manager,
                drain,
                processes: processes,
                concurrency: concurrency
            )
            report.add("drain_per_s", drained.perSecond)
            report.add("rss_mib", drained.peakMiB)
            let rows = try await place.countDone(manager)
            guard rows == drain else { throw BenchError("\(rows) of \(drain) tasks are done; something was lost") }
            report.add("rows_done", Double(rows))
            report.add("enqueue_single_per_s", try await EnqueueMeasure.single(manager, enqueue, callers: callers))
        }
    }

    private func measureLong(_ place: BenchPlace, _ report: inout BenchReport) async throws {
        try await place.withFreshStore { manager in
            let pin = pinned ? try place.pin() : nil
            let rates = try await LongMeasure.run(
                place,
                manager,
                long,
                processes: processes,
                concurrency: concurrency
            )
            // Holds it until now.
            _ = try pin?.run("COMMIT")
            say("  thousand a second in each tenth: " + rates.map { "\(Int($0 / 1000))" }.joined(separator: " "))
            report.add("long_per_s", 10 / rates.map { 1 / $0 }.reduce(0, +))
            report.add("long_ratio", rates[9] / rates[1])
        }
    }
}
