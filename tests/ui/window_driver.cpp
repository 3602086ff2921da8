#include "tests/ui/window_driver.h"

#include "core/net/tcp_network.h"
#include "ui/common/pill.h"
#include "ui/connect/profile_list.h"
#include "ui/messages/publish_form.h"
#include "ui/messages/subscribe_form.h"
#include "ui/session/session_header.h"
#include "ui/shell/page_book.h"

#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTest>

namespace sessionscope {

WindowDriver::WindowDriver()
    : m_engine([] { return std::make_unique<TcpNetwork>(); }),
      m_window(m_engine, Endpoint{Scheme::Tcp, QStringLiteral("127.0.0.1"), 0, {}})
{
}

bool WindowDriver::isListening()
{
    return QTest::qWaitFor([this] { return !m_window.feed().view().broker.url.isEmpty(); });
}

ClientPage *WindowDriver::open(const QString &profile)
{
    auto *list = m_window.findChild<ProfileList *>()->view();
    for (int row = 0; row < list->model()->rowCount(); ++row) {
        const QModelIndex index = list->model()->index(row, 0);
        if (index.data().toString() == profile)
            QTest::mouseClick(list->viewport(), Qt::LeftButton, Qt::NoModifier, list->visualRect(index).center());
    }
    return m_window.pages()->currentClient();
}

void WindowDriver::pressConnect()
{
    auto *page = m_window.pages()->currentClient();
    QTest::mouseClick(page->findChild<QPushButton *>(QStringLiteral("connect")), Qt::LeftButton);
}

void WindowDriver::subscribe(const QString &filter, Qos qos, quint32 identifier)
{
    auto *page = m_window.pages()->currentClient();
    page->showTab(ClientPage::SubscribeTab);
    const SubscribeForm &form = *page->subscribeForm();
    auto *field = named<QLineEdit>(form, QStringLiteral("Topic filter"));
    field->clear();
    QTest::keyClicks(field, filter);
    named<QComboBox>(form, QStringLiteral("Subscribe QoS"))->setCurrentIndex(int(qos));
    named<QSpinBox>(form, QStringLiteral("Subscription identifier"))->setValue(int(identifier));
    QTest::mouseClick(form.findChild<QPushButton *>(QStringLiteral("subscribe")), Qt::LeftButton);
}

void WindowDriver::publish(const QString &topic, const QString &payload, Qos qos)
{
    auto *page = m_window.pages()->currentClient();
    page->showTab(ClientPage::PublishTab);
    const PublishForm &form = *page->publishForm();
    auto *field = named<QLineEdit>(form, QStringLiteral("Publish topic"));
    field->clear();
    QTest::keyClicks(field, topic);
    named<QComboBox>(form, QStringLiteral("Publish QoS"))->setCurrentIndex(int(qos));
    named<QPlainTextEdit>(form, QStringLiteral("Payload"))->setPlainText(payload);
    QTest::mouseClick(form.findChild<QPushButton *>(QStringLiteral("publish")), Qt::LeftButton);
}

void WindowDriver::press(Qt::Key key, Qt::KeyboardModifiers modifiers)
{
    // Shortcuts reach the active window only.
    if (QTest::qWaitForWindowActive(&m_window))
        QTest::keyClick(&m_window, key, modifiers);
}

QStringList WindowDriver::pills()
{
    QStringList texts;
    const auto *page = m_window.pages()->currentClient();
    for (const Pill *pill : page->header()->findChildren<Pill *>()) {
        if (!pill->text().isEmpty())
            texts << pill->text();
    }
    return texts;
}

const ClientView *WindowDriver::client(const QString &profile)
{
    for (const ProfileEntry &row : m_window.profiles()->profiles()) {
        if (row.name == profile)
            return m_window.feed().client(row.key);
    }
    return nullptr;
}

const ServerSessionView *WindowDriver::session(const QString &clientId)
{
    return m_window.feed().session(clientId.toUtf8());
}

QStringList column(const QAbstractItemModel &model, int column)
{
    QStringList cells;
    for (int row = 0; row < model.rowCount(); ++row)
        cells << model.index(row, column).data().toString();
    return cells;
}

} // namespace sessionscope
