using System.Runtime.InteropServices;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Clouds.Graph.Weights;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;

namespace Clouds.Tests.Runtime.Sessions;

[Kind(TestKind.Fast)]
public sealed class SharedWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string WeightPath => _folder["w.safetensors"];

    public void Dispose() => _folder.Dispose();

    // A header of odd length in front leaves the elements at odd addresses.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Create_MatrixAtAnyOffset_IsReadFromItsFile(int padding)
    {
        float[] matrix = Numbers(256 * 128);
        Write(padding, ("layer.weight", "F32", [256, 128], MemoryMarshal.AsBytes<float>(matrix).ToArray()));
        float[] x = Numbers(4 * 128);
        Assert.Equal(Layer(x, literal: matrix), Layer(x, literal: null));
    }

    [Theory]
    [InlineData("F16", StoredConversion.Once)]
    [InlineData("BF16", StoredConversion.Once)]
    [InlineData("F16", StoredConversion.EveryRun)]
    [InlineData("BF16", StoredConversion.EveryRun)]
    public void Create_HalvesForASingleParameter_AreConvertedExactly(string type, StoredConversion convert)
    {
        ushort[] stored = [.. Enumerable.Range(0, 256 * 128).Select(i => (ushort)((i % 0x7800) | ((i & 1) << 15)))];
        Write(0, ("layer.weight", type, [256, 128], MemoryMarshal.AsBytes<ushort>(stored).ToArray()));
        using WeightSource source = WeightSource.Open(WeightPath);
        float[] x = [.. Enumerable.Repeat(0f, 127), 1f];
        Assert.Equal(Enumerable.Range(0, 256).Select(row => source.ReadFloats("layer.weight")[(128 * row) + 127]), Layer(x, literal: null, convert));
    }

    [Fact]
    public void Create_ParametersOfTheFilesTypes_KeepThem()
    {
        Write(0,
            ("half", "F16", [2], [0, 0x3C, 0, 0xC0]), ("brain", "BF16", [2], [0x80, 0x3F, 0, 0xC0]), ("small", "I8", [2], [1, 0xFE]),
            ("byte", "U8", [2], [1, 254]), ("truth", "BOOL", [2], [1, 0]), ("count", "I32", [2], [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF]),
            ("long", "I64", [2], [1, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Repeat((byte)255, 8)]));
        GraphBuilder g = new("types");
        Value Sum(string name, ElementType type) => g.Cast(g.Parameter(name, [2], Initialize.Zeros, type: type), ElementType.Float);
        Value[] values =
        [
            Sum("half", ElementType.Float16), Sum("brain", ElementType.BFloat16), Sum("small", ElementType.Int8), Sum("byte", ElementType.UInt8),
            Sum("truth", ElementType.Bool), Sum("count", ElementType.Int32), Sum("long", ElementType.Int64),
        ];
        g.Output("y", g.Add(g.Concat(0, values), g.Input("zero", ElementType.Float, [1])));
        Assert.Equal([1, -2, 1, -2, 1, -2, 1, 254, 1, 0, 1, -2, 1, -1], Run(g, [0], 14, "zero"));
    }

    [Fact]
    public void Create_TwoSizesOfOneNetwork_GiveTheBitsOfOne()
    {
        float[] matrix = Numbers(256 * 128);
        Write(0, ("layer.weight", "F32", [256, 128], MemoryMarshal.AsBytes<float>(matrix).ToArray()));
        using SharedWeights shared = new(FrozenWeights.Open(WeightPath, Network(1).Parameters));
        float[] x = Numbers(8 * 128);
        float[] whole = Run(Network(8), x, 8 * 256, "x", shared);
        float[] half = Run(Network(4), x[..(4 * 128)], 4 * 256, "x", shared);
        Assert.Equal(whole[..(4 * 256)], half);
        Assert.Equal(Layer(x, matrix), whole);
    }

    // Model caches hold links to files that lie elsewhere.
    [Fact]
    public void Create_LinkToAFileInAnotherFolder_IsFollowed()
    {
        float[] matrix = Numbers(256 * 128);
        Write(0, ("layer.weight", "F32", [256, 128], MemoryMarshal.AsBytes<float>(matrix).ToArray()));
        File.Move(WeightPath, _folder["blobs/0123"]);
        File.CreateSymbolicLink(WeightPath, _folder["blobs/0123"]);
        float[] x = Numbers(4 * 128);
        Assert.Equal(Layer(x, matrix), Layer(x, literal: null));
    }

    // A sparse file: 2.4 GB in one tensor, and another behind it.
    [Fact]
    public void Create_ModelBeyondTwoGigabytes_ReadsItsLastElements()
    {
        const long Rows = 600_000, Columns = 1024, Bytes = Rows * Columns * sizeof(float);
        const string Header = """
            {"table": {"dtype": "F32", "shape": [600000, 1024], "data_offsets": [0, 2457600000]},
             "tail.w": {"dtype": "F32", "shape": [1, 1024], "data_offsets": [2457600000, 2457604096]}}
            """;
        Assert.Equal(0, Header.Length % 8);
        using (FileStream file = File.Create(WeightPath))
        {
            file.SetLength(8 + Header.Length + Bytes + (Columns * sizeof(float)));
            file.Write([.. BitConverter.GetBytes((long)Header.Length), .. System.Text.Encoding.UTF8.GetBytes(Header)]);
            file.Position += Bytes - sizeof(float);
            file.Write([.. BitConverter.GetBytes(2.5f), .. BitConverter.GetBytes(40f)]);
        }

        GraphBuilder g = new("table");
        Value table = g.Parameter("table", [Rows, Columns], Initialize.Zeros);
        Value row = g.Gather(table, g.Cast(g.Input("row", ElementType.Float, [1]), ElementType.Int64));
        g.Output("y", g.Add(row, g.Parameter("tail.w", [1, Columns], Initialize.Zeros)));
        float[] y = Run(g, [Rows - 1], (int)Columns, "row");
        Assert.Equal((40f, 0f, 2.5f), (y[0], y[1], y[^1]));
    }

    private float[] Layer(float[] x, float[]? literal, StoredConversion convert = StoredConversion.Once)
    {
        GraphBuilder g = Network(x.Length / 128);
        if (literal is null)
        {
            return Run(g, x, x.Length * 2, "x", convert: convert);
        }

        using GraphSession session =
            Device.Cpu.CreateSession(OnnxModel.Write(g, new Dictionary<string, object> { ["layer.weight"] = Literal.Of(literal, 256, 128) }));
        return Run(session, x, x.Length * 2, "x", g);
    }

    private float[] Run(
        GraphBuilder g, float[] x, int outputs, string input, SharedWeights? given = null, StoredConversion convert = StoredConversion.Once)
    {
        SharedWeights shared = given ?? new(FrozenWeights.Open(WeightPath, g.Parameters));
        try
        {
            byte[] model = OnnxModel.Write(g, shared.Weights.Elements, convert);
            using GraphSession session = Device.Cpu.CreateSession(model, new SessionSettings { Weights = shared });
            return Run(session, x, outputs, input, g);
        }
        finally
        {
            if (given is null)
            {
                shared.Dispose();
            }
        }
    }

    private static float[] Run(GraphSession session, float[] x, int outputs, string input, GraphBuilder g)
    {
        float[] y = new float[outputs];
        session.Bind<float>(input, x, g.Inputs[0].Shape.Sizes);
        session.Bind<float>("y", y, g.Outputs[0].Value.Shape.Sizes);
        session.Run();
        return y;
    }

    private static GraphBuilder Network(long rows)
    {
        GraphBuilder g = new("layer");
        g.Output("y", g.Linear(g.Input("x", ElementType.Float, [rows, 128]), "layer", 256, useBias: false));
        return g;
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) % 1009 / 1009f) - 0.5f)];

    private void Write(int padding, params (string Name, string Type, long[] Shape, byte[] Bytes)[] tensors)
    {
        long offset = padding;
        List<string> entries = [];
        foreach ((string name, string type, long[] shape, byte[] bytes) in tensors)
        {
            entries.Add($$"""
                "{{name}}": {"dtype": "{{type}}", "shape": [{{string.Join(",", shape)}}], "data_offsets": [{{offset}}, {{offset + bytes.Length}}]}
                """);
            offset += bytes.Length;
        }

        byte[] header = System.Text.Encoding.UTF8.GetBytes($"{{{string.Join(",", entries)}}}");
        byte[] aligned = [.. header, .. Enumerable.Repeat((byte)' ', (8 - (header.Length % 8)) % 8)];
        File.WriteAllBytes(
            WeightPath, [.. BitConverter.GetBytes((long)aligned.Length), .. aligned, .. new byte[padding], .. tensors.SelectMany(tensor => tensor.Bytes)]);
    }
}
