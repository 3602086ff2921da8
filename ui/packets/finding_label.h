// The findings about one packet in full, each with a link to its statement. Selectable; the link is reached by Tab.
#pragma once

#include "ui/packets/finding_words.h"

#include <QLabel>

namespace sessionscope {

class FindingLabel : public QLabel
{
    Q_OBJECT

public:
    /// Findings told in full, at most; more are counted.
    static constexpr int mostFindings = 4;

    explicit FindingLabel(QWidget *parent = nullptr);

    /// None hides it.
    void setFindings(const QList<ShownFinding> &findings);
    /// Of the first finding that has one; else empty.
    QString statementId() const;

Q_SIGNALS:
    void statementRequested(const QString &id);

protected:
    void changeEvent(QEvent *event) override;

private:
    void showFindings();

    QList<ShownFinding> m_findings;
};

} // namespace sessionscope
