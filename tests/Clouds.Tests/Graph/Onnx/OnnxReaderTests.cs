using Clouds.Diagnostics;
using Clouds.Graph.Autodiff;
using Clouds.Graph.Building;
using Clouds.Graph.Onnx;
using Google.Protobuf;

namespace Clouds.Tests.Graph.Onnx;

[Kind(TestKind.Fast)]
public sealed class OnnxReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clouds-onnx-").FullName;

    [Fact]
    public void Read_WhatTheWriterWrote_WritesTheSameBytes()
    {
        GraphBuilder g = Rich();
        byte[] written = OnnxModel.Write(g);

        GraphBuilder read = OnnxReader.Read(written);

        Assert.Equal(written, OnnxModel.Write(read));
        Assert.Equal(g.Outputs.Select(output => output.Value.ToString()), read.Outputs.Select(output => output.Value.ToString()));
    }

    [Fact]
    public void Read_Graph_CanBeBuiltOn()
    {
        GraphBuilder read = OnnxReader.Read(OnnxModel.Write(Rich()));

        read.Output("more", read.Add(read.Outputs[0].Value, 1f));

        Assert.NotEmpty(OnnxModel.Write(read));
    }

    [Fact]
    public void Summarize_ForeignModel_ListsWhatItDeclares()
    {
        OnnxSummary summary = OnnxReader.Summarize(Foreign().ToByteArray());

        Assert.Equal("somebody", summary.Producer);
        Assert.Equal(17, summary.Opsets[""]);
        Assert.Equal(1, summary.Opsets["com.example"]);
        Assert.Equal("com.example", Assert.Single(summary.CustomDomains));
        Assert.Equal("[N, ?]", Assert.Single(summary.Inputs).Shape!.ToString());
        Assert.Null(Assert.Single(summary.Outputs).Shape);
        Assert.Equal(new OnnxInitializer("w", ElementType.Float, Shape.Of([2, 3]), "weights.bin"), Assert.Single(summary.Initializers));
        Assert.Equal(1, summary.NodeCount);
    }

    [Fact]
    public void Read_ModelThatAccumulatesByARacingScatter_IsRefused()
    {
        GraphBuilder g = new("scatter");
        Value[] inputs = [g.Input("x", ElementType.Float, [2]), g.Constant(Literal.Of([0L, 0], 2, 1)), g.Input("u", ElementType.Float, [2])];
        g.Output("y", g.Emit("ScatterND", inputs, ElementType.Float, [2]));
        ModelProto model = OnnxModel.ToProto(g);
        model.Graph.Node[0].Attribute.Add(AttributeWriter.Write("reduction", "add"));

        CloudsException e = Assert.Throws<CloudsException>(() => OnnxReader.Read(model.ToByteArray()));

        Assert.Contains("use GraphBuilder.ScatterAdd", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(200)]
    public void Read_TruncatedModel_IsBadInput(int missing)
    {
        byte[] bytes = OnnxModel.Write(Rich());

        AssertBad(() => OnnxReader.Read(bytes.AsMemory(0, bytes.Length - missing)));
    }

    [Fact]
    public void Read_EveryShorterPrefix_FailsCleanly()
    {
        GraphBuilder g = new("small");
        g.Output("y", g.Add(g.Input("x", ElementType.Float, [2]), 1f));
        byte[] bytes = OnnxModel.Write(g);

        for (int length = 0; length < bytes.Length; length++)
        {
            AssertBadOrFine(() => OnnxReader.Read(bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Read_EveryFlippedByte_FailsCleanlyOrReads()
    {
        GraphBuilder g = new("small");
        g.Output("y", g.LayerNorm(g.Input("x", ElementType.Float, ["N", 2]), "n", 1e-5f));
        byte[] bytes = OnnxModel.Write(g);

        for (int i = 0; i < Math.Min(bytes.Length, 1500); i++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x80, 0xFF })
            {
                byte[] damaged = [.. bytes];
                damaged[i] ^= flip;
                AssertBadOrFine(() => OnnxReader.Read(damaged));
            }
        }
    }

    [Fact]
    public void Read_MissingFile_IsBadInput() => AssertBad(() => OnnxReader.Read(Path.Combine(_folder, "none.onnx")));

    [Fact]
    public void Read_ModelWithoutShapes_NamesTheValue()
    {
        ModelProto model = OnnxModel.ToProto(Rich());
        model.Graph.ValueInfo.Clear();

        CloudsException e = AssertBad(() => OnnxReader.Read(model.ToByteArray()));

        Assert.Contains("type and shape of the value", e.Message);
    }

    [Fact]
    public void Read_ForeignFunction_IsRefused()
    {
        ModelProto model = OnnxModel.ToProto(Rich());
        model.Functions[0].Domain = "com.example";

        Assert.Contains("com.example", AssertBad(() => OnnxReader.Read(model.ToByteArray())).Message);
    }

    [Theory]
    [InlineData("../weights.bin", "0", "24", "not in the model's folder")]
    [InlineData("sub/../../weights.bin", "0", "24", "not in the model's folder")]
    [InlineData("/etc/hostname", "0", "24", "not in the model's folder")]
    [InlineData("", "0", "24", "not in the model's folder")]
    [InlineData("weights.bin", "8", "24", "which ends at 24")]
    [InlineData("weights.bin", "9223372036854775807", "24", "which ends at 24")]
    [InlineData("weights.bin", "-8", "24", "has the offset '-8'")]
    [InlineData("weights.bin", "0", "28", "its shape says 24")]
    [InlineData("weights.bin", "0", "many", "has the length 'many'")]
    [InlineData("absent.bin", "0", "24", "cannot be read from 'absent.bin'")]
    [InlineData("link.bin", "0", "24", "which is a link")]
    public void Read_HostileExternalData_IsRefused(string location, string offset, string length, string message)
    {
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), new byte[24]);
        File.CreateSymbolicLink(Path.Combine(_folder, "link.bin"), "/etc/hostname");
        string path = WithExternal(location, offset, length, 2, 3);

        Assert.Contains(message, AssertBad(() => OnnxReader.Read(path)).Message);
    }

    [Fact]
    public void Read_ExternalDataBesideTheModel_IsRead()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        byte[] bytes = new byte[8 + (values.Length * 4)];
        Buffer.BlockCopy(values, 0, bytes, 8, 24);
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), bytes);

        GraphBuilder read = OnnxReader.Read(WithExternal("weights.bin", "8", "24", 2, 3));

        Assert.Equal(values, Assert.Single(read.Constants).Literal!.Floats.ToArray());
    }

    [Fact]
    public void Read_ExternalDataOfAModelInMemory_IsRefused()
    {
        string path = WithExternal("weights.bin", "0", "24", 2, 3);

        Assert.Contains("read from memory", AssertBad(() => OnnxReader.Read(File.ReadAllBytes(path))).Message);
    }

    [Theory]
    [InlineData(-2, 3, "negative extent")]
    [InlineData(1L << 40, 1L << 40, "more elements than memory can hold")]
    [InlineData(1L << 32, 3, "more elements than memory can hold")]
    public void Read_ImpossibleExtents_AreRefused(long rows, long columns, string message)
    {
        string path = WithExternal("weights.bin", "0", "24", rows, columns);

        Assert.Contains(message, AssertBad(() => OnnxReader.Read(path)).Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CloudsException AssertBad(Func<object> read)
    {
        CloudsException e = Assert.Throws<CloudsException>(read);
        Assert.Equal(Failure.BadInput, e.Failure);
        return e;
    }

    private static void AssertBadOrFine(Func<object> read)
    {
        try
        {
            read();
        }
        catch (CloudsException e)
        {
            Assert.Equal(Failure.BadInput, e.Failure);
        }
    }

    // Attributes of every kind, absent inputs, several outputs, functions, symbols, gradients.
    private static GraphBuilder Rich()
    {
        GraphBuilder g = new("rich");
        Value x = g.Input("x", ElementType.Float, [2, 4, 6, 6]);
        Value symbolic = g.Input("rows", ElementType.Float, ["N", "S", 4]);
        Value y = g.ResizeBilinear(g.GroupNorm(g.Conv(x, "conv", 4, 3, pad: 1), "norm", 2), 8, 8);
        Value loss = g.SumAll(g.Square(g.Split(g.LayerNorm(y, "last", 1e-6f), 1, 1, 3)[1]));
        IReadOnlyList<Value> gradients = Gradients.Of(g, loss, [.. g.Parameters.Select(parameter => parameter.Value)]);
        g.Output("loss", loss);
        g.Output("symbolic", g.Relu(g.Concat(1, symbolic, symbolic)));
        for (int i = 0; i < gradients.Count; i++)
        {
            g.Output($"d{i}", gradients[i]);
        }

        return g;
    }

    private static ModelProto Foreign()
    {
        ModelProto model = new() { IrVersion = 8, ProducerName = "somebody", Graph = new GraphProto { Name = "foreign" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.example", Version = 1 });
        TensorShapeProto shape = new() { Dim = { new TensorShapeProto.Types.Dimension { DimParam = "N" }, new TensorShapeProto.Types.Dimension() } };
        model.Graph.Input.Add(new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = new() { ElemType = 1, Shape = shape } } });
        model.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = new TypeProto { TensorType = new() { ElemType = 1 } } });
        model.Graph.Node.Add(new NodeProto { OpType = "Special", Domain = "com.example", Input = { "x", "w" }, Output = { "y" } });
        TensorProto weight = new() { Name = "w", DataType = 1, Dims = { 2, 3 }, DataLocation = TensorProto.Types.DataLocation.External };
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.bin" });
        model.Graph.Initializer.Add(weight);
        return model;
    }

    private string WithExternal(string location, string offset, string length, params long[] sizes)
    {
        GraphBuilder g = new("external");
        Value w = g.Parameter("w", [2, 3], Initialize.Zeros);
        g.Output("y", g.Neg(w));
        ModelProto model = OnnxModel.ToProto(g, new Dictionary<string, object> { ["w"] = new ExternalData(location, 0, 24) });
        TensorProto tensor = model.Graph.Initializer[0];
        tensor.Dims.Clear();
        tensor.Dims.AddRange(sizes);
        tensor.ExternalData.Single(entry => entry.Key == "offset").Value = offset;
        tensor.ExternalData.Single(entry => entry.Key == "length").Value = length;
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }
}
