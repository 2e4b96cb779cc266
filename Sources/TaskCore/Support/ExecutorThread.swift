#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread of our own that runs Swift tasks and timers, so that both go on while handlers block every thread of Swift's pool.
///
/// Timers are closures that must return quickly; a task that suspends frees the thread.
// Unchecked: everything mutable is read and written under `lock` only.
package final class ExecutorThread: TaskExecutor, @unchecked Sendable {
    private struct Timer {
        let id: Int
        let due: ContinuousClock.Instant
        let action: @Sendable () -> Void
    }

    private var lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [UnownedJob] = []
    private var timers: [Timer] = []
    private var isStopped = false

    package init() {
        pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        #if !canImport(Darwin)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(lock)
        condition.deallocate()
        lock.deallocate()
    }

    /// Starts the thread, which keeps the executor alive until ``stop()``.
    package func start() {
        let box = Unmanaged.passRetained(self)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                #if canImport(Darwin)
                    let box = Unmanaged<ExecutorThread>.fromOpaque(argument)
                #else
                    guard let argument else { return nil }
                    let box = Unmanaged<ExecutorThread>.fromOpaque(argument)
                #endif
                box.takeRetainedValue().loop()
                return nil
            },
            box.toOpaque()
        )
        if result != 0 { box.release() }
        #if !canImport(Darwin)
            if result == 0 { pthread_detach(thread) }
        #endif
    }

    /// Ends the thread once the jobs that wait have run; timers that wait never fire.
    package func stop() {
        locked { isStopped = true }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        locked { jobs.append(job) }
    }

    /// Runs an action at a time; a timer of the same id that waits is replaced.
    package func setTimer(_ id: Int, at due: ContinuousClock.Instant, action: @escaping @Sendable () -> Void) {
        locked {
            timers.removeAll { $0.id == id }
            timers.append(Timer(id: id, due: due, action: action))
        }
    }

    /// Forgets a timer.
    package func cancelTimer(_ id: Int) {
        locked { timers.removeAll { $0.id == id } }
    }

    private func locked(_ change: () -> Void) {
        pthread_mutex_lock(lock)
        change()
        pthread_cond_signal(condition)
        pthread_mutex_unlock(lock)
    }

    private func loop() {
        pthread_mutex_lock(lock)
        while true {
            let now = ContinuousClock.now
            let due = timers.filter { $0.due <= now }
            if !due.isEmpty { timers.removeAll { $0.due <= now } }
            let ready = jobs
            jobs.removeAll(keepingCapacity: true)
            if due.isEmpty && ready.isEmpty {
                if isStopped { break }
                wait(until: timers.map(\.due).min(), from: now)
                continue
            }
            pthread_mutex_unlock(lock)
            for timer in due { timer.action() }
            for job in ready { job.runSynchronously(on: asUnownedTaskExecutor()) }
            pthread_mutex_lock(lock)
        }
        pthread_mutex_unlock(lock)
    }

    private func wait(until due: ContinuousClock.Instant?, from now: ContinuousClock.Instant) {
        guard let due else {
            pthread_cond_wait(condition, lock)
            return
        }
        let (seconds, attoseconds) = (due - now).components
        var time = timespec()
        #if canImport(Darwin)
            time.tv_sec = Int(seconds)
            time.tv_nsec = Int(attoseconds / 1_000_000_000)
            pthread_cond_timedwait_relative_np(condition, lock, &time)
        #else
            clock_gettime(CLOCK_MONOTONIC, &time)
            let nanoseconds = Int64(time.tv_nsec) + attoseconds / 1_000_000_000
            time.tv_sec += Int(seconds + nanoseconds / 1_000_000_000)
            time.tv_nsec = Int(nanoseconds % 1_000_000_000)
            pthread_cond_timedwait(condition, lock, &time)
        #endif
    }
}
