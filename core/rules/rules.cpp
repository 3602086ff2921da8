#include "core/rules/rules.h"
