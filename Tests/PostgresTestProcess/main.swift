import TaskStorePostgres

// Filled by the fault tests: what a process does is named by its first argument.
print("usage: PostgresTestProcess COMMAND …")
