using System.Globalization;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Clouds.Tests.Server.Requests;

namespace Clouds.Tests.Runtime.Sessions;

/// <summary>Memory of constants in half precision. The map's pages belong to the file; what counts is what the process holds besides.</summary>
[Kind(TestKind.Fast)]
[Collection(nameof(Undisturbed))]
public sealed class StoredConversionTests : IDisposable
{
    private const int Rows = 48 * 1024, Columns = 512;
    private const long Single = 4L * Rows * Columns;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Create_HalvesConvertedOnce_AreHeldInSinglePrecision() => Assert.InRange(HeldBy(StoredConversion.Once), Single * 3 / 4, long.MaxValue);

    [Fact]
    public void Create_HalvesConvertedInEveryRun_AreNotHeldInSinglePrecision() => Assert.InRange(HeldBy(StoredConversion.EveryRun), long.MinValue, Single / 2);

    private long HeldBy(StoredConversion convert)
    {
        string path = _folder["w.safetensors"];
        using (SafetensorsWriter writer = new(path, [new TensorDeclaration("large.weight", WeightType.F16, [Rows, Columns])]))
        {
            writer.Write<Half>("large.weight", new Half[Rows * Columns]);
            writer.Commit();
        }

        GraphBuilder g = new("large");
        g.Output("y", g.Linear(g.Input("x", ElementType.Float, [1, Columns]), "large", Rows, useBias: false));
        using SharedWeights shared = new(FrozenWeights.Open(path, g.Parameters));
        byte[] model = OnnxModel.Write(g, shared.Weights.Elements, convert);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long before = Private();
        using GraphSession session = Device.Cpu.CreateSession(model, new SessionSettings { Weights = shared });
        long held = Private() - before;
        Assert.Equal("x", Assert.Single(session.Inputs).Name);
        return held;
    }

    private static long Private()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ')[^2], CultureInfo.InvariantCulture);
    }
}
