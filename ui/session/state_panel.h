// The frame around a state panel: title, a remark at its right, and a column of sections that scrolls.
#pragma once

#include <QWidget>

class QLabel;

namespace sessionscope {

/// A bar with a title, and a label for a remark that is returned through remark.
QWidget *panelTitleBar(const QString &title, QLabel **remark);

/// The sections of a panel, one below the other from the top.
QWidget *sectionColumn(std::initializer_list<QWidget *> sections);

/// A scroll area around content, without frame and without a tab stop of its own.
QWidget *scrollColumn(QWidget *content);

/// A centred sentence for a panel that has nothing to show.
QLabel *emptyRemark(const QString &text);

} // namespace sessionscope
