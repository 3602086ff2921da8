#include "ui/shell/banner.h"

#include "ui/common/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace sessionscope {

Banner::Banner(BannerTone tone, QWidget *parent) : QWidget(parent), m_label(new QLabel)
{
    setObjectName(QStringLiteral("banner"));
    setProperty("tone", tone == BannerTone::Bad ? QStringLiteral("bad") : QStringLiteral("warning"));
    setAttribute(Qt::WA_StyledBackground);
    m_label->setWordWrap(true);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 5, 6, 5);
    layout->addWidget(m_label, 1);
    if (tone == BannerTone::Bad) {
        auto *close = new QToolButton;
        close->setObjectName(QStringLiteral("flat"));
        close->setIcon(themedIcon("clear"));
        close->setAccessibleName(tr("Put this message away"));
        close->setToolTip(close->accessibleName());
        connect(close, &QToolButton::clicked, this, [this] { setText({}); });
        layout->addWidget(close);
    }
    hide();
}

void Banner::setText(const QString &text)
{
    m_label->setText(text);
    setVisible(!text.isEmpty());
}

QString Banner::text() const
{
    return m_label->text();
}

} // namespace sessionscope
