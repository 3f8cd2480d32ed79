using System.Diagnostics;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Weights;
using static Clouds.Tests.Graph.Weights.Torch.PickleText;

namespace Clouds.Tests.Graph.Weights.Torch;

[Kind(TestKind.Fast)]
public sealed class PickleMachineTests : IDisposable
{
    private static readonly byte[] One = Tensor(Storage("Float", "0", 1), 0, [1], [1]);

    private readonly TemporaryFolder _folder = new();

    // Programs that leave a dictionary with one tensor, "w", after trying an operation.
    public static TheoryData<string, byte[]> Programs { get; } = new()
    {
        { "protocol 0", [.. "(dS'w'\n"u8, .. One, (byte)'s'] },
        { "unicode line", [.. "(dVw\n"u8, .. One, (byte)'s'] },
        { "dict of a mark", [(byte)'(', .. Value("w"), .. One, (byte)'d'] },
        { "short strings", [.. "}U\u0001w"u8, .. One, (byte)'s'] },
        { "frames and memo", [(byte)'}', 0x94, 0x8C, 1, (byte)'w', 0x94, .. One, 0x94, (byte)'s'] },
        { "get and put", [.. "}p0\n0g0\n"u8, .. Value("w"), .. One, (byte)'s'] },
        { "long memo", [(byte)'}', (byte)'r', .. Int32(70_000), (byte)'0', (byte)'j', .. Int32(70_000), .. Value("w"), .. One, (byte)'s'] },
        { "dup and pops", [.. "(NN1}20"u8, .. Value("w"), .. One, (byte)'s'] },
        { "numbers", [.. "}"u8, .. Value("n"), .. "(I01\nI-7\nL12L\nF1.5\nK\u0001M\u0001\u0001G\0\0\0\0\0\0\0\0ts"u8, .. Value("w"), .. One, (byte)'s'] },
        { "long text", [.. "}"u8, .. Value("n"), .. Value(new string('x', 100_000)), (byte)'s', .. Value("w"), .. One, (byte)'s'] },
        { "a key twice", [.. "}"u8, .. Value("w"), (byte)'N', (byte)'s', .. Value("w"), .. One, (byte)'s'] },
        {
            "set and frozen set",
            [.. "}"u8, .. Value("n"), 0x8F, .. "(N"u8, 0x90, (byte)'s', .. Value("m"), (byte)'(', 0x91, (byte)'s', .. Value("w"), .. One, (byte)'s']
        },
    };

    private string FilePath => _folder["w.pth"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Programs))]
    public void Open_OperationsOfEveryProtocol_MeanWhatTheyMeanInPython(string what, byte[] program)
    {
        File.WriteAllBytes(FilePath, TorchFile.Zip(program, ("0", TorchFile.Floats(1))));
        using WeightSource source = WeightSource.Open(FilePath);
        Assert.True(source.Tensors.ContainsKey("w"), what);
    }

    [Theory]
    [InlineData("", "never put down")]
    [InlineData("0", "never put down")]
    [InlineData("1", "never put down")]
    [InlineData("(t0t", "never put down")]
    [InlineData("h\u0001", "never remembered")]
    [InlineData("Na", "never put down")]
    [InlineData("NNa", "into nothing")]
    [InlineData(")Na", "holds none")]
    [InlineData("}N(NNu", "into nothing")]
    [InlineData("}(NNNu", "lacks a value")]
    [InlineData("}(}Nu", "cannot name anything")]
    [InlineData("\u0001", "unknown operation")]
    [InlineData("P1\n", "no checkpoint needs")]
    [InlineData("Ix\n", "is none")]
    [InlineData("X\u0003\0\0\0\u0001", "ends in the middle")]
    [InlineData("NQ", "not described as PyTorch")]
    [InlineData("NNR", "no class or function")]
    [InlineData("](NNNR", "no class or function")]
    public void Open_ProgramThatIsWrong_IsRefused(string program, string what) => AssertRefused(Encoding.Latin1.GetBytes(program), what);

    [Fact]
    public void Open_TextThatIsNotUtf8_IsRefused() => AssertRefused([(byte)'X', .. Int32(1), 0xFF], "not UTF-8");

    [Fact]
    public void Open_UnknownProtocol_IsRefused() => AssertRefused([0x80, 9, (byte)'N'], "protocol 9");

    [Theory]
    [InlineData("]q\0h\0a")]
    [InlineData("}q\0U\u0001ah\0s")]
    [InlineData("]q\0]q\u0001h\0aa")]
    public void Open_ValuesThatHoldThemselves_AreRefused(string program) => AssertRefused(Encoding.Latin1.GetBytes(program), "hold one another");

    [Fact]
    public void Open_ValuesThatNestDeeply_AreRefused()
    {
        AssertRefused([.. Enumerable.Repeat((byte)']', 100_000), .. Enumerable.Repeat((byte)'a', 99_999)], "too deep");
        AssertRefused([(byte)'N', .. Enumerable.Repeat((byte)0x85, 100_000)], "too deep");
    }

    // Thirty lists, each twice in the next: a thousand million ways to one tensor.
    [Theory]
    [InlineData(true, "more memory")]
    [InlineData(false, null)]
    public void Open_ListsThatMultiply_AreEitherWithoutTensorsOrRefused(bool tensor, string? what)
    {
        byte[] program = [.. tensor ? One : "N"u8.ToArray(), .. Enumerable.Repeat("q\0](h\0h\0e"u8.ToArray(), 30).SelectMany(part => part)];
        if (what is null)
        {
            File.WriteAllBytes(FilePath, TorchFile.Zip(program, ("0", TorchFile.Floats(1))));
            using WeightSource source = WeightSource.Open(FilePath);
            Assert.Empty(source.Tensors);
        }
        else
        {
            AssertRefused(program, what);
        }
    }

    [Theory]
    [InlineData("}", 20_000_000)]
    [InlineData("]", 20_000_000)]
    [InlineData(")", 20_000_000)]
    [InlineData("N", 20_000_000)]
    [InlineData("(", 20_000_000)]
    [InlineData("G\0\0\0\0\0\0\0\0", 5_000_000)]
    [InlineData("N0", 12_000_000)]
    public void Open_ProgramThatOnlyGrows_IsRefusedBeforeItTakesTwiceTheFile(string part, int times)
    {
        byte[] program = new byte[part.Length * times];
        Encoding.Latin1.GetBytes(part).CopyTo(program, 0);
        for (int done = part.Length; done < program.Length; done *= 2)
        {
            program.AsSpan(0, Math.Min(done, program.Length - done)).CopyTo(program.AsSpan(done));
        }

        File.WriteAllBytes(FilePath, Pickle(program, 4));
        long file = new FileInfo(FilePath).Length;
        long before = GC.GetAllocatedBytesForCurrentThread();
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(FilePath));
        Assert.Contains("pickle", e.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2 * file) + (32 << 20));
    }

    [Theory]
    [InlineData((byte)'B')]
    [InlineData((byte)'X')]
    [InlineData((byte)'T')]
    public void Open_LengthBeyondTheFile_IsRefusedAtOnce(byte operation)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch watch = Stopwatch.StartNew();
        AssertRefused([operation, 0xF0, 0xFF, 0xFF, 0x7F], "ends in the middle");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 10);
    }

    // A key of 16 texts is made anew for each entry.
    [Fact]
    public void Open_KeysThatAreLongAndCheap_AreRefused()
    {
        byte[] texts = [.. Value(new string('x', 4000)), .. "q\0("u8, .. Enumerable.Repeat("h\0"u8.ToArray(), 16).SelectMany(part => part), .. "tq\u0001}"u8];
        AssertRefused([.. texts, .. Enumerable.Repeat("h\u0001Ns"u8.ToArray(), 100_000).SelectMany(part => part)], "more memory");
    }

    // Each call is a tensor of the class that the next one names.
    [Fact]
    public void Open_CallsThatNestDeeply_AreRefused()
    {
        byte[] rebuild = Global("torch._tensor", "_rebuild_from_type_v2");
        byte[] around = [.. "(h\0Nh\u0001Ntq\u0001"u8];
        byte[] program = [.. rebuild, .. "q\0)q\u0001"u8, .. Enumerable.Repeat(around, 50_000).SelectMany(part => part), .. "0h\u0001R"u8];
        AssertRefused(program);
    }

    private void AssertRefused(byte[] program, params string[] texts)
    {
        File.WriteAllBytes(FilePath, TorchFile.Zip(program, ("0", TorchFile.Floats(1))));
        CloudsException e = Assert.Throws<CloudsException>(() => WeightSource.Open(FilePath));
        Assert.Equal(Failure.Weights, e.Failure);
        Assert.All(texts, text => Assert.Contains(text, e.Message, StringComparison.Ordinal));
    }
}
