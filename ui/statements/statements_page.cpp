#include "ui/statements/statements_page.h"

#include "ui/common/icons.h"
#include "ui/common/table_view.h"

#include <QAction>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTextBrowser>
#include <QVBoxLayout>

namespace sessionscope {

namespace {

QString partTitle(StatementPart part)
{
    switch (part) {
    case StatementPart::Demands:
        return StatementsPage::tr("Demands");
    case StatementPart::Binds:
        return StatementsPage::tr("Binds");
    case StatementPart::IfBroken:
        return StatementsPage::tr("If broken");
    case StatementPart::Example:
        return StatementsPage::tr("Example");
    case StatementPart::InMqtt31:
        return StatementsPage::tr("In 3.1");
    case StatementPart::Rules:
        return StatementsPage::tr("Rules");
    case StatementPart::CheckedIn:
        return StatementsPage::tr("Checked in");
    case StatementPart::Tests:
        return StatementsPage::tr("Tests");
    case StatementPart::NoTest:
        return StatementsPage::tr("No test");
    case StatementPart::Alike:
        return StatementsPage::tr("Alike");
    }
    return {};
}

QString bindsWords(Binds binds)
{
    switch (binds) {
    case Binds::Client:
        return StatementsPage::tr("client");
    case Binds::Server:
        return StatementsPage::tr("server");
    case Binds::Both:
        return StatementsPage::tr("both");
    case Binds::Packet:
        return StatementsPage::tr("packet");
    }
    return {};
}

QString valueHtml(const StatementEntryLine &line)
{
    QStringList lines;
    for (const QString &value : line.values) {
        const QString text = value.toHtmlEscaped();
        lines << (line.part == StatementPart::Alike ? QStringLiteral("<a href=\"%1\">%1</a>").arg(text) : text);
    }
    return lines.join(QStringLiteral("<br>"));
}

QString entryHtml(const Statement &row)
{
    QString html =
        QStringLiteral("<h3>%1</h3><table cellspacing=\"0\" cellpadding=\"3\">").arg(entryTitle(row).toHtmlEscaped());
    for (const StatementEntryLine &line : entryLines(row)) {
        html += QStringLiteral("<tr><td style=\"color:%1; white-space:pre\">%2&nbsp;&nbsp;</td><td>%3</td></tr>")
                    .arg(colours().dim.name(), partTitle(line.part).toHtmlEscaped(), valueHtml(line));
    }
    return html + QStringLiteral("</table>");
}

StatementsPage::Model *makeModel(QObject *parent)
{
    using Row = const Statement *;
    return new StatementsPage::Model(
        {{StatementsPage::tr("Statement"), [](Row row, Instant) { return row->id; }, CellStyle::Mono},
         {StatementsPage::tr("Binds"), [](Row row, Instant) { return bindsWords(row->binds); }},
         {StatementsPage::tr("Area"), [](Row row, Instant) { return row->area; }, CellStyle::Dim},
         {StatementsPage::tr("Demands"), [](Row row, Instant) { return row->text; }}},
        [](Row a, Row b) { return a == b; }, parent);
}

} // namespace

StatementsPage::StatementsPage(QWidget *parent)
    : QWidget(parent), m_model(makeModel(this)), m_search(new QLineEdit), m_count(new QLabel),
      m_table(new TableView(tr("Statements"))), m_text(new QTextBrowser)
{
    m_table->setModel(m_model);
    m_table->setColumnCharacters({19, 8, 13, 0});
    auto *splitter = new QSplitter(Qt::Horizontal);
    splitter->setHandleWidth(1);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(m_table);
    splitter->addWidget(buildEntry());
    splitter->setContentsMargins(TableView::sideMargin, 0, 0, 0);
    splitter->setSizes({600, 500});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildHeader());
    layout->addWidget(splitter, 1);
    setFocusProxy(m_search);

    connect(m_search, &QLineEdit::textChanged, this, &StatementsPage::search);
    connect(m_search, &QLineEdit::returnPressed, m_table, [this] { m_table->setFocus(); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &StatementsPage::showCurrent);
    connect(m_text, &QTextBrowser::anchorClicked, this, [this](const QUrl &url) { open(url.toString()); });
    search();
}

QWidget *StatementsPage::buildHeader()
{
    m_search->setAccessibleName(tr("Search statements"));
    m_search->setPlaceholderText(tr("3.3.1-4, will delay, tst_broker…"));
    m_search->setToolTip(tr("A statement's id, or words of its texts, places and tests"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(themedIcon("search"), QLineEdit::LeadingPosition);
    m_count->setObjectName(QStringLiteral("dim"));

    auto *header = new QWidget;
    header->setObjectName(QStringLiteral("pageHeader"));
    header->setAttribute(Qt::WA_StyledBackground);
    auto *line = new QHBoxLayout(header);
    line->setContentsMargins(12, 8, 12, 8);
    line->setSpacing(12);
    line->addWidget(m_search, 2);
    line->addWidget(m_count, 1);
    return header;
}

QWidget *StatementsPage::buildEntry()
{
    m_text->setAccessibleName(tr("Statement"));
    m_text->setOpenLinks(false);
    m_text->document()->setDocumentMargin(12);
    auto *copy = new QPushButton(themedIcon("copy"), tr("&Copy"));
    copy->setToolTip(tr("Copy all that is known of this statement as text"));
    connect(copy, &QPushButton::clicked, this, &StatementsPage::copyEntry);
    auto *foot = new QHBoxLayout;
    foot->setContentsMargins(12, 0, 12, 8);
    foot->addWidget(copy);
    foot->addStretch(1);

    auto *column = new QWidget;
    column->setObjectName(QStringLiteral("panel"));
    column->setAttribute(Qt::WA_StyledBackground);
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_text, 1);
    layout->addLayout(foot);
    return column;
}

void StatementsPage::search()
{
    const Statement *before = current();
    const auto found = findStatements(m_search->text());
    m_model->setRows(found);
    m_count->setText(tr("%1 of %2").arg(found.size()).arg(statementTable().rows().size()));
    if (!found.isEmpty())
        m_table->selectRow(int(std::max<qsizetype>(0, found.indexOf(before))));
    showCurrent();
}

void StatementsPage::open(const QString &id)
{
    const Statement *wanted = statementTable().find(id);
    if (!wanted)
        return;
    if (!m_model->rows().contains(wanted))
        m_search->clear();
    m_table->selectRow(int(m_model->rows().indexOf(wanted)));
    m_table->scrollTo(m_table->currentIndex(), QAbstractItemView::PositionAtCenter);
}

const Statement *StatementsPage::current() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? m_model->rows()[index.row()] : nullptr;
}

void StatementsPage::showCurrent()
{
    const Statement *row = current();
    m_text->setHtml(row ? entryHtml(*row) : tr("No statement contains this.").toHtmlEscaped());
}

void StatementsPage::copyEntry()
{
    if (const Statement *row = current())
        QGuiApplication::clipboard()->setText(entryText(*row) + QLatin1Char('\n'));
}

void StatementsPage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    // The text carries the colours of the theme.
    if (event->type() == QEvent::PaletteChange)
        showCurrent();
}

} // namespace sessionscope
