// libpq as it is installed: https://www.postgresql.org/docs/current/libpq.html
#include <libpq-fe.h>
