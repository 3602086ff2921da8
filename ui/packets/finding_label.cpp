#include "ui/packets/finding_label.h"

#include "core/rules/duty.h"
#include "ui/common/pill.h"
#include "ui/common/theme.h"

#include <QEvent>

namespace sessionscope {

namespace {

QString html(const ShownFinding &seen)
{
    const bool isLimit = severityOf(seen.finding) == rules::Severity::Limit;
    QString title = QString::fromUtf8(seen.finding.what).toHtmlEscaped();
    const QString id = seen.statementId();
    const QString cited = id.isEmpty() ? QString::fromUtf8(seen.finding.statement).toHtmlEscaped()
                                       : QStringLiteral("<a href=\"%1\">%1</a>").arg(id.toHtmlEscaped());
    if (!cited.isEmpty())
        title += QStringLiteral(" [%1]").arg(cited);
    QString text = QStringLiteral("<b style=\"color:%1\">%2</b><table cellspacing=\"0\" cellpadding=\"1\">")
                       .arg(toneColour(isLimit ? Tone::Warning : Tone::Bad).name(), title);
    for (const auto &[name, words] : findingLines(seen)) {
        text += QStringLiteral("<tr><td style=\"color:%1; white-space:pre\">%2&nbsp;&nbsp;</td><td>%3</td></tr>")
                    .arg(colours().dim.name(), name.toHtmlEscaped(), words.toHtmlEscaped());
    }
    return text + QStringLiteral("</table>");
}

} // namespace

FindingLabel::FindingLabel(QWidget *parent) : QLabel(parent)
{
    setTextFormat(Qt::RichText);
    setWordWrap(true);
    setAlignment(Qt::AlignTop | Qt::AlignLeft);
    setMargin(6);
    setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
    setToolTip(tr("F1 opens the statement"));
    connect(this, &QLabel::linkActivated, this, &FindingLabel::statementRequested);
    hide();
}

void FindingLabel::setFindings(const QList<ShownFinding> &findings)
{
    m_findings = findings;
    setVisible(!findings.isEmpty());
    showFindings();
}

QString FindingLabel::statementId() const
{
    for (const ShownFinding &seen : m_findings) {
        if (!seen.statementId().isEmpty())
            return seen.statementId();
    }
    return {};
}

void FindingLabel::showFindings()
{
    QStringList blocks;
    QStringList spoken;
    for (const ShownFinding &seen : m_findings.first(std::min<qsizetype>(m_findings.size(), mostFindings))) {
        blocks << html(seen);
        spoken << findingText(seen.finding);
        for (const auto &[name, words] : findingLines(seen))
            spoken << name + QStringLiteral(": ") + words;
    }
    if (m_findings.size() > mostFindings)
        blocks << tr("%n more finding(s)", nullptr, int(m_findings.size() - mostFindings));
    setText(blocks.join(QStringLiteral("<br>")));
    setAccessibleName(tr("Findings. %1").arg(spoken.join(QStringLiteral(". "))));
}

void FindingLabel::changeEvent(QEvent *event)
{
    QLabel::changeEvent(event);
    // The text carries the colours of the theme.
    if (event->type() == QEvent::PaletteChange && !m_findings.isEmpty())
        showFindings();
}

} // namespace sessionscope
