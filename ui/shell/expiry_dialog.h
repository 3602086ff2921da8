// Asks for the Session Expiry Interval that a DISCONNECT should set.
#pragma once

#include <QtGlobal>

#include <optional>

class QWidget;

namespace sessionscope {

/// Nothing when the user thought better of it. Seconds, 1 to 0xFFFFFFFE.
std::optional<quint32> askForExpiry(QWidget *parent, quint32 proposal);

} // namespace sessionscope
