#include "ui/connect/expiry_field.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QSignalBlocker>

namespace sessionscope {

SecondsField::SecondsField(const QString &name, quint32 minimum, QWidget *parent)
    : QWidget(parent), m_minimum(minimum), m_count(new QDoubleSpinBox), m_unit(new QComboBox)
{
    m_count->setAccessibleName(name);
    m_count->setDecimals(0);
    m_count->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_count->setMinimumWidth(44);
    m_unit->setAccessibleName(tr("Unit of %1").arg(name));
    m_unit->addItem(tr("s", "seconds"), 1U);
    m_unit->addItem(tr("min", "minutes"), 60U);
    m_unit->addItem(tr("h", "hours"), 3600U);
    m_unit->addItem(tr("d", "days"), 86'400U);

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_count, 1);
    layout->addWidget(m_unit);
    setFocusProxy(m_count);

    applyUnit();
    connect(m_count, &QDoubleSpinBox::valueChanged, this, &SecondsField::changed);
    connect(m_unit, &QComboBox::currentIndexChanged, this, [this] {
        applyUnit();
        Q_EMIT changed();
    });
}

void SecondsField::applyUnit()
{
    const quint32 unit = m_unit->currentData().toUInt();
    m_count->setRange(unit == 1 ? m_minimum : std::min(m_minimum, 1U), largest / unit);
}

quint32 SecondsField::seconds() const
{
    return quint32(m_count->value()) * m_unit->currentData().toUInt();
}

void SecondsField::setSeconds(quint32 seconds)
{
    int unit = 0;
    for (int i = m_unit->count() - 1; i > 0 && unit == 0; --i) {
        if (seconds && seconds % m_unit->itemData(i).toUInt() == 0)
            unit = i;
    }
    {
        const QSignalBlocker quietUnit(m_unit);
        const QSignalBlocker quietCount(m_count);
        m_unit->setCurrentIndex(unit);
        applyUnit();
        m_count->setValue(seconds / m_unit->itemData(unit).toUInt());
    }
    Q_EMIT changed();
}

ExpiryField::ExpiryField(QWidget *parent)
    : QWidget(parent), m_kind(new QComboBox), m_seconds(new SecondsField(tr("Session expiry"), 1))
{
    m_kind->setAccessibleName(tr("Session expiry choice"));
    m_kind->addItem(tr("absent", "property not sent"), int(ExpiryKind::Absent));
    m_kind->addItem(tr("0"), int(ExpiryKind::Zero));
    m_kind->addItem(tr("for", "a time"), int(ExpiryKind::Seconds));
    m_kind->addItem(tr("never"), int(ExpiryKind::Never));

    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_kind);
    layout->addWidget(m_seconds, 1);
    setFocusProxy(m_kind);

    m_seconds->setVisible(false);
    connect(m_kind, &QComboBox::currentIndexChanged, this, [this] {
        m_seconds->setVisible(choice().kind == ExpiryKind::Seconds);
        Q_EMIT changed();
    });
    connect(m_seconds, &SecondsField::changed, this, &ExpiryField::changed);
}

ExpiryChoice ExpiryField::choice() const
{
    return {ExpiryKind(m_kind->currentData().toInt()), m_seconds->seconds()};
}

void ExpiryField::setChoice(const ExpiryChoice &choice)
{
    m_seconds->setSeconds(choice.seconds);
    m_kind->setCurrentIndex(m_kind->findData(int(choice.kind)));
}

} // namespace sessionscope
