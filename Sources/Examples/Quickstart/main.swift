import TaskCore
import TaskStoreSQLite

print("not built yet")
