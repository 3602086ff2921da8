// The heading of a list in the side bar: quiet, with its buttons at the right.
#pragma once

#include <QList>
#include <QString>

class QAction;
class QLabel;
class QWidget;

namespace sessionscope {

/// count, when asked for, receives a label at the right of the title.
QWidget *sideTitle(const QString &title, const QList<QAction *> &actions, QLabel **count = nullptr);

} // namespace sessionscope
