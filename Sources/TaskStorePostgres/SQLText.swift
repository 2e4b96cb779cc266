import TaskCore

/// The statements of `SQL/`, for one schema. A file's name is the statement's, in snake case, and what it is prepared as.
///
/// `{schema}` stands for the schema, `{now}` for the time, `{columns}` for the columns that ``RecordReader`` reads first, `{live_columns}` and `{done_columns}` for
/// the others, of active and of finished tasks.
package struct SQLText: Sendable {
    /// The schema as SQL writes it.
    package let schema: String
    /// The schema's name as it is.
    let schemaName: String
    private let time: String

    let attemptInsert: Statement
    let attemptList: Statement
    let beatCancelled: Statement
    let beatLost: Statement
    let changeInsert: Statement
    let changePage: Statement
    let changeTrim: Statement
    let claimNext: Statement
    let claimPromote: Statement
    let claimTake: Statement
    let doneDelete: Statement
    let doneInsert: Statement
    let doneLock: Statement
    let enqueueAndNotify: Statement
    let enqueueLive: Statement
    let enqueueOne: Statement
    let enqueueTask: Statement
    let finishDone: Statement
    let health: Statement
    let liveDelete: Statement
    let liveInsert: Statement
    let liveLock: Statement
    let liveUpdate: Statement
    let maintenanceElect: Statement
    let now: Statement
    let pruneTake: Statement
    let queueCounts: Statement
    let queuePause: Statement
    let queueResume: Statement
    let rescueFind: Statement
    let rescueWorkers: Statement
    let runningOfWorker: Statement
    let sequenceNext: Statement
    let statisticsCounts: Statement
    let taskEdit: Statement
    let taskFind: Statement
    let uniqueFind: Statement
    let workerAdopt: Statement
    let workerDelete: Statement
    let workerForget: Statement
    let workerList: Statement
    let workerRenew: Statement

    /// - Parameters:
    ///   - schema: The schema's name, as it is.
    ///   - time: The expression for the time.
    init(schema name: String, time: String = "now()") {
        let schema = Self.quoted(name)
        self.schema = schema
        schemaName = name
        self.time = time
        func statement(_ name: String, _ bytes: [UInt8]) -> Statement {
            Statement(name: "taskcore_\(name)", sql: Self.render(bytes, schema: schema, now: time))
        }
        attemptInsert = statement("attempt_insert", PackageResources.attempt_insert_sql)
        attemptList = statement("attempt_list", PackageResources.attempt_list_sql)
        beatCancelled = statement("beat_cancelled", PackageResources.beat_cancelled_sql)
        beatLost = statement("beat_lost", PackageResources.beat_lost_sql)
        changeInsert = statement("change_insert", PackageResources.change_insert_sql)
        changePage = statement("change_page", PackageResources.change_page_sql)
        changeTrim = statement("change_trim", PackageResources.change_trim_sql)
        claimNext = statement("claim_next", PackageResources.claim_next_sql)
        claimPromote = statement("claim_promote", PackageResources.claim_promote_sql)
        claimTake = statement("claim_take", PackageResources.claim_take_sql)
        doneDelete = statement("done_delete", PackageResources.done_delete_sql)
        doneInsert = statement("done_insert", PackageResources.done_insert_sql)
        doneLock = statement("done_lock", PackageResources.done_lock_sql)
        enqueueAndNotify = statement("enqueue_and_notify", PackageResources.enqueue_and_notify_sql)
        enqueueLive = statement("enqueue_live", PackageResources.enqueue_live_sql)
        enqueueOne = statement("enqueue_one", PackageResources.enqueue_one_sql)
        enqueueTask = statement("enqueue_task", PackageResources.enqueue_task_sql)
        finishDone = statement("finish_done", PackageResources.finish_done_sql)
        health = statement("health", PackageResources.health_sql)
        liveDelete = statement("live_delete", PackageResources.live_delete_sql)
        liveInsert = statement("live_insert", PackageResources.live_insert_sql)
        liveLock = statement("live_lock", PackageResources.live_lock_sql)
        liveUpdate = statement("live_update", PackageResources.live_update_sql)
        maintenanceElect = statement("maintenance_elect", PackageResources.maintenance_elect_sql)
        now = statement("now", PackageResources.now_sql)
        pruneTake = statement("prune_take", PackageResources.prune_take_sql)
        queueCounts = statement("queue_counts", PackageResources.queue_counts_sql)
        queuePause = statement("queue_pause", PackageResources.queue_pause_sql)
        queueResume = statement("queue_resume", PackageResources.queue_resume_sql)
        rescueFind = statement("rescue_find", PackageResources.rescue_find_sql)
        rescueWorkers = statement("rescue_workers", PackageResources.rescue_workers_sql)
        runningOfWorker = statement("running_of_worker", PackageResources.running_of_worker_sql)
        sequenceNext = statement("sequence_next", PackageResources.sequence_next_sql)
        statisticsCounts = statement("statistics_counts", PackageResources.statistics_counts_sql)
        taskEdit = statement("task_edit", PackageResources.task_edit_sql)
        taskFind = statement("task_find", PackageResources.task_find_sql)
        uniqueFind = statement("unique_find", PackageResources.unique_find_sql)
        workerAdopt = statement("worker_adopt", PackageResources.worker_adopt_sql)
        workerDelete = statement("worker_delete", PackageResources.worker_delete_sql)
        workerForget = statement("worker_forget", PackageResources.worker_forget_sql)
        workerList = statement("worker_list", PackageResources.worker_list_sql)
        workerRenew = statement("worker_renew", PackageResources.worker_renew_sql)
    }

    /// A text with its placeholders filled in.
    func render(_ bytes: [UInt8]) -> String { Self.render(bytes, schema: schema, now: time) }

    /// A text that is put together for one use.
    func render(_ text: String) -> Statement { Statement(Self.render(Array(text.utf8), schema: schema, now: time)) }

    private static func render(_ bytes: [UInt8], schema: String, now: String) -> String {
        String(decoding: bytes, as: UTF8.self)
            .replacing("{columns}", with: String(decoding: PackageResources.task_columns_sql, as: UTF8.self))
            .replacing("{live_columns}", with: String(decoding: PackageResources.live_columns_sql, as: UTF8.self))
            .replacing("{done_columns}", with: String(decoding: PackageResources.done_columns_sql, as: UTF8.self))
            .replacing("{schema}", with: schema)
            .replacing("{now}", with: now)
    }

    /// - Throws: `TaskError` with code `invalidInput` for a name that cannot be a schema's here: channels are named after it too.
    static func check(schema: String) throws {
        guard !schema.isEmpty, schema.utf8.count <= 48, schema.utf8.allSatisfy({ !Self.notInNames.contains($0) }) else {
            throw TaskError(
                .invalidInput,
                "The schema's name must have 1 to 48 bytes, and neither apostrophes, dollar signs, braces nor U+0000."
            )
        }
    }

    /// Schemas are named within literals and bodies of functions, too.
    private static let notInNames = Set("\0'${}".utf8)

    /// A name as SQL writes it.
    static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}
