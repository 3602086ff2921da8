#include "core/mqtt/packet.h"
