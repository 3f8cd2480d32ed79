using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clouds.Runtime.Devices;
using Clouds.Runtime.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace Clouds.Tests.Cuda;

/// <summary>Which provider ONNX Runtime gives each node of a model to, by calls that its C# classes lack (the table of functions by index).</summary>
internal static unsafe class Placement
{
    private const int OfSession = 407;
    private const int ProviderOfPart = 408;
    private const int NodesOfPart = 409;
    private const int NameOfNode = 410;
    private const int OperatorOfNode = 412;

    /// <summary>Every node as "operator name", by the provider that it runs on.</summary>
    /// <param name="model">The model.</param>
    /// <param name="device">A GPU; the session is made as for its own, and disposed.</param>
    public static ILookup<string, string> Of(byte[] model, Device device)
    {
        using SessionOptions options = new() { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        options.AddSessionConfigEntry("session.record_ep_graph_assignment_info", "1");
        using OrtCUDAProviderOptions cuda = new();
        cuda.UpdateOptions(CudaProviderOptions.Of(new CudaSettings(), device.Name.Ordinal, device.Gpu!.Stream.Handle));
        options.AppendExecutionProvider_CUDA(cuda);
        Assert.Null(OperatorChoice.OnCuda(options, new SessionSettings(), device.Gpu, required: true));
        using InferenceSession session = new(model, options);
        return Parts(NativeHandle(session)).ToLookup(part => part.Provider, part => part.Node);
    }

    private static List<(string Provider, string Node)> Parts(nint session)
    {
        nint* table = Table();
        List<(string Provider, string Node)> found = [];
        foreach (nint part in List(table[OfSession], session))
        {
            string provider = Text(table[ProviderOfPart], part);
            found.AddRange(List(table[NodesOfPart], part).Select(node => (provider, $"{Text(table[OperatorOfNode], node)} {Text(table[NameOfNode], node)}")));
        }

        return found;
    }

    private static nint[] List(nint function, nint of)
    {
        nint* items;
        nuint count;
        Assert.Equal(0, ((delegate* unmanaged<nint, nint**, nuint*, nint>)function)(of, &items, &count));
        return new ReadOnlySpan<nint>(items, (int)count).ToArray();
    }

    private static string Text(nint function, nint of)
    {
        nint text;
        Assert.Equal(0, ((delegate* unmanaged<nint, nint*, nint>)function)(of, &text));
        return Marshal.PtrToStringUTF8(text)!;
    }

    private static nint* Table()
    {
        const uint Version = 24;
        nint library = NativeLibrary.Load("libonnxruntime.so", typeof(OrtEnv).Assembly, null);
        nint* entry = ((delegate* unmanaged<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase"))();
        return ((delegate* unmanaged<uint, nint*>)entry[0])(Version);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_nativeHandle")]
    private static extern ref nint NativeHandle(InferenceSession session);
}
