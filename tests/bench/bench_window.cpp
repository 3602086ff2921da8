// What the window costs with a million records in its log: a frame that appends and paints, a filter, a jump, and the
// start until everything is painted. Offscreen, so what a display adds is not in it.
#include "core/engine/engine.h"
#include "core/net/tcp_network.h"
#include "ui/common/icons.h"
#include "ui/common/table_view.h"
#include "ui/common/theme.h"
#include "ui/packets/packets_panel.h"
#include "ui/shell/main_window.h"

#include <QApplication>
#include <QFile>
#include <QLineEdit>
#include <QStandardPaths>

#include <benchmark/benchmark.h>

using namespace sessionscope;

namespace {

constexpr ClientKey ours{1};
constexpr int million = 1'000'000;
/// 100 000 packets a second at 60 frames a second.
constexpr int aFrame = 100'000 / 60;

PacketTrace traceOf(PacketBody body, Direction direction)
{
    PacketTrace trace;
    trace.direction = direction;
    trace.head = encode(Packet{std::move(body), {}}, Version::V5);
    return trace;
}

/// What a client sees that is busy with QoS 1: a PUBLISH, its PUBACK and the report that it is done, in turn.
std::vector<TraceRecord> recordsOf(int count)
{
    static quint64 seq = 0;
    std::vector<TraceRecord> records;
    records.reserve(std::size_t(count));
    for (int i = 0; i < count; ++i) {
        TraceRecord record;
        record.seq = {++seq};
        record.client = ours;
        record.link = {1};
        const PacketId id{quint16(seq / 3 % 60'000 + 1)};
        if (seq % 3 == 0)
            record.what = traceOf(PublishPacket{"plant/" + QByteArray::number(seq % 97) + "/valve",
                                                "21.5 degrees and open", id, Qos::AtLeastOnce},
                                  Direction::Sent);
        else if (seq % 3 == 1)
            record.what = traceOf(AckPacket{PacketType::Puback, id}, Direction::Received);
        else
            record.what = ClientNote{PublishCompleted{}};
        records.push_back(std::move(record));
    }
    return records;
}

double residentMebibytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toDouble() * 4096 / (1024 * 1024);
}

/// A panel of the size it has in a window on a large screen, with a full log behind it.
class Scene
{
public:
    Scene() : m_panel(m_log)
    {
        const double before = residentMebibytes();
        m_panel.setSource({ours, {}});
        m_panel.resize(1200, 400);
        m_panel.show();
        auto records = recordsOf(million);
        m_log.append(records);
        records = {};
        paint();
        m_mebibytes = residentMebibytes() - before;
    }

    TraceLog &log() { return m_log; }
    PacketsPanel &panel() { return m_panel; }
    double mebibytes() const { return m_mebibytes; }
    static void paint() { QApplication::processEvents(); }

private:
    TraceLog m_log;
    PacketsPanel m_panel;
    double m_mebibytes = 0;
};

Scene &scene()
{
    static Scene once;
    return once;
}

void appendAndPaint(benchmark::State &state)
{
    Scene &shown = scene();
    for (auto _ : state) {
        state.PauseTiming();
        auto records = recordsOf(aFrame);
        state.ResumeTiming();
        shown.log().append(records);
        Scene::paint();
    }
    state.counters["MiB"] = shown.mebibytes();
}

void filter(benchmark::State &state, const char *text)
{
    Scene &shown = scene();
    for (auto _ : state) {
        shown.panel().filterField()->setText(QString::fromLatin1(text));
        Scene::paint();
        state.PauseTiming();
        state.counters["rows"] = shown.panel().model()->rowCount();
        shown.panel().filterField()->clear();
        Scene::paint();
        state.ResumeTiming();
    }
}

void jump(benchmark::State &state)
{
    Scene &shown = scene();
    const int rows = shown.panel().model()->rowCount();
    int row = 0;
    for (auto _ : state) {
        row = (row + rows / 7 * 3 + 11) % rows;
        shown.panel().table()->selectRow(row);
        Scene::paint();
    }
}

void start(benchmark::State &state)
{
    for (auto _ : state) {
        auto engine = std::make_unique<Engine>([] { return std::make_unique<TcpNetwork>(); });
        auto window = std::make_unique<MainWindow>(*engine, Endpoint{Scheme::Tcp, QStringLiteral("127.0.0.1"), 0, {}});
        window->show();
        Scene::paint();
        state.PauseTiming();
        window.reset();
        engine.reset();
        state.ResumeTiming();
    }
}

BENCHMARK(start)->Unit(benchmark::kMillisecond)->Iterations(5)->UseRealTime();
BENCHMARK(appendAndPaint)->Unit(benchmark::kMillisecond)->Iterations(600);
BENCHMARK(jump)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, type, "type=PUBACK")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, id, "id=4711")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, none, "kind=finding")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, topic, "topic=plant/42/+")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, word, "valve")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(filter, rareWord, "xylophone")->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char *argv[])
{
    benchmark::Initialize(&argc, argv);
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QStandardPaths::setTestModeEnabled(true);
    QCoreApplication::setApplicationName(QStringLiteral("sessionscope-bench"));
    initResources();
    applyTheme(ThemeChoice::Light);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
