#include "ui/common/side_title.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace sessionscope {

QWidget *sideTitle(const QString &title, const QList<QAction *> &actions, QLabel **count)
{
    auto *bar = new QWidget;
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(10, 5, 6, 3);
    layout->setSpacing(2);
    auto *label = new QLabel(title);
    label->setObjectName(QStringLiteral("caption"));
    layout->addWidget(label);
    layout->addStretch(1);
    if (count) {
        *count = new QLabel;
        (*count)->setObjectName(QStringLiteral("caption"));
        layout->addWidget(*count);
        layout->addSpacing(4);
    }
    for (QAction *action : actions) {
        auto *button = new QToolButton;
        button->setObjectName(QStringLiteral("flat"));
        button->setDefaultAction(action);
        button->setFocusPolicy(Qt::TabFocus);
        button->setAutoRaise(true);
        layout->addWidget(button);
    }
    return bar;
}

} // namespace sessionscope
