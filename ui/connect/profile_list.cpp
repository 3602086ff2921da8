#include "ui/connect/profile_list.h"

#include "ui/common/icons.h"
#include "ui/common/pill.h"
#include "ui/common/shortcuts.h"
#include "ui/common/side_title.h"
#include "ui/common/theme.h"
#include "ui/common/words.h"

#include <QAction>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace sessionscope {

namespace {

constexpr int sideMargin = 10;

/// A name at the left, its connection as a pill at the right.
class ProfileDelegate : public QStyledItemDelegate
{
public:
    ProfileDelegate(const ProfileModel *model, QObject *parent) : QStyledItemDelegate(parent), m_model(model) {}

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const override
    {
        return {120, option.fontMetrics.height() + 10};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const ProfileEntry &profile = m_model->at(index.row());
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, colours().selection);
        const QString state = words::connection(profile.connection);
        const Tone tone = profile.connection == ClientConnection::Connected ? Tone::Good
                          : profile.connection == ClientConnection::Closed  ? Tone::Neutral
                                                                            : Tone::Warning;
        QRect row = option.rect.adjusted(sideMargin, 0, -sideMargin, 0);
        const int width = pillSize(state, option.font).width();
        paintPill(painter, QRect(row.right() - width + 1, row.top(), width, row.height()), state, tone, option.font);
        row.setRight(row.right() - width - 6);
        painter->setFont(option.font);
        if (!profile.folder.isEmpty())
            paintPart(painter, option, row, profile.folder + u'/', colours().dim);
        const QString mark = profile.isChanged ? QStringLiteral(" \u2022") : QString();
        const int markWidth = option.fontMetrics.horizontalAdvance(mark);
        QRect name = row.adjusted(0, 0, -markWidth, 0);
        paintPart(painter, option, name, profile.name, colours().ink);
        name.setRight(row.right());
        paintPart(painter, option, name, mark, colours().accent);
    }

private:
    /// At the left of room, which loses what it takes.
    static void paintPart(QPainter *painter, const QStyleOptionViewItem &option, QRect &room, const QString &text,
                          const QColor &colour)
    {
        const QString shown = option.fontMetrics.elidedText(text, Qt::ElideRight, room.width());
        painter->setPen(colour);
        painter->drawText(room, int(Qt::AlignVCenter | Qt::AlignLeft), shown);
        room.setLeft(room.left() + option.fontMetrics.horizontalAdvance(shown));
    }

    const ProfileModel *m_model;
};

} // namespace

ProfileList::ProfileList(ProfileModel *model, QWidget *parent) : QWidget(parent), m_model(model), m_view(new QListView)
{
    setObjectName(QStringLiteral("sidebar"));
    setAttribute(Qt::WA_StyledBackground);
    m_view->setModel(model);
    m_view->setItemDelegate(new ProfileDelegate(model, m_view));
    m_view->setAccessibleName(tr("Profiles"));
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setUniformItemSizes(true);
    buildActions();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildTitle());
    layout->addWidget(m_view, 1);

    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &index) {
        if (index.isValid())
            Q_EMIT opened(index.row());
    });
    // A page that was closed opens again by the same row.
    connect(m_view, &QListView::clicked, this, [this](const QModelIndex &index) { Q_EMIT opened(index.row()); });
    connect(m_view, &QListView::activated, this, [this](const QModelIndex &index) { Q_EMIT opened(index.row()); });
}

QAction *ProfileList::make(const QString &text, const char *icon, const QKeySequence &keys)
{
    auto *action = new QAction(themedIcon(icon), text, this);
    action->setShortcut(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    QWidget::addAction(action);
    m_view->addAction(action);
    return action;
}

void ProfileList::buildActions()
{
    m_add = make(tr("&New Profile"), "add", QKeySequence::New);
    m_add->setShortcutContext(Qt::WindowShortcut);
    m_duplicate = make(tr("D&uplicate Profile"), "duplicate", Qt::CTRL | Qt::SHIFT | Qt::Key_N);
    m_duplicate->setShortcutContext(Qt::WindowShortcut);
    m_rename = make(tr("Rena&me Profile"), "rename", Qt::Key_F2);
    m_save = make(tr("&Save Profile"), "save", QKeySequence());
    m_save->setShortcuts(keysFor(QKeySequence::Save, Qt::CTRL | Qt::Key_S));
    m_save->setShortcutContext(Qt::WindowShortcut);
    m_remove = make(tr("Remo&ve Profile"), "remove", QKeySequence::Delete);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(m_add, &QAction::triggered, this, &ProfileList::addRequested);
    connect(m_rename, &QAction::triggered, this, &ProfileList::rename);
    connect(m_save, &QAction::triggered, this, [this] {
        if (currentRow() >= 0)
            Q_EMIT saveRequested(currentRow());
    });
    connect(m_duplicate, &QAction::triggered, this, [this] {
        if (currentRow() >= 0)
            Q_EMIT duplicateRequested(currentRow());
    });
    connect(m_remove, &QAction::triggered, this, [this] {
        if (currentRow() >= 0)
            Q_EMIT removeRequested(currentRow());
    });
}

QWidget *ProfileList::buildTitle()
{
    return sideTitle(tr("Profiles"), {m_add, m_duplicate, m_save, m_remove});
}

void ProfileList::addTo(QMenu *menu) const
{
    menu->addActions({m_add, m_duplicate, m_save, m_rename, m_remove});
}

int ProfileList::currentRow() const
{
    return m_view->currentIndex().isValid() ? m_view->currentIndex().row() : -1;
}

void ProfileList::setCurrentRow(int row)
{
    m_view->setCurrentIndex(m_model->index(row));
}

void ProfileList::rename()
{
    if (m_view->currentIndex().isValid())
        m_view->edit(m_view->currentIndex());
}

} // namespace sessionscope
