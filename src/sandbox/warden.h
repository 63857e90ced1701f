/* Inside floor 5: the keeper's own process. */
#pragma once
#include "wire.h"

_Noreturn void warden_main(int fd, int launchers);
