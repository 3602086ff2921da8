// The four choices of a Session Expiry Interval, with a number and its unit for the one that needs it.
#pragma once

#include "ui/connect/connect_values.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;

namespace sessionscope {

/// A number of seconds in a unit of choice. Used for expiry and for delays.
class SecondsField : public QWidget
{
    Q_OBJECT

public:
    /// name is what a screen reader calls the field; minimum is in seconds.
    SecondsField(const QString &name, quint32 minimum, QWidget *parent = nullptr);

    /// 1 to 0xFFFFFFFE: the largest number that is not the flag "never".
    static constexpr quint32 largest = sessionNeverExpires - 1;

    quint32 seconds() const;
    void setSeconds(quint32 seconds);

Q_SIGNALS:
    void changed();

private:
    void applyUnit();

    quint32 m_minimum;
    QDoubleSpinBox *m_count;
    QComboBox *m_unit;
};

class ExpiryField : public QWidget
{
    Q_OBJECT

public:
    explicit ExpiryField(QWidget *parent = nullptr);

    ExpiryChoice choice() const;
    void setChoice(const ExpiryChoice &choice);

Q_SIGNALS:
    void changed();

private:
    QComboBox *m_kind;
    SecondsField *m_seconds;
};

} // namespace sessionscope
