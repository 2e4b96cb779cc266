import PostgresTestSupport
import TaskStorePostgres
import TaskTesting

/// A store in a schema of its own on the server that this process's tests share, with a clock that the test moves.
func freshStore(_ clock: ManualClock) async throws -> PostgresTaskStore {
    try await store(in: PostgresServer.uniqueName(), clock)
}

func store(in schema: String, _ clock: ManualClock) async throws -> PostgresTaskStore {
    var options = PostgresTaskStore.Options(schema: schema)
    options.clock = clock
    return try PostgresTaskStore(await PostgresServer.shared().url, options: options)
}
