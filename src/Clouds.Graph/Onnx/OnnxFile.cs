using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Clouds.Diagnostics;
using Clouds.Graph.Building;
using Clouds.Graph.Files;
using Clouds.Graph.Weights;

namespace Clouds.Graph.Onnx;

/// <summary>Writes models to disk, large parameters in one file beside them that a runtime can map.</summary>
public static class OnnxFile
{
    /// <summary>Parameters of at least this many bytes go into the file beside the model, unless the caller says otherwise.</summary>
    public const long DefaultThreshold = 64 * 1024;

    // The runtime maps a tensor where its offset is a multiple of the page size.
    private const long Alignment = 4096;

    /// <summary>
    /// Saves a graph. A model and its data always belong together: the data file "{stem}.{digest}.data" is complete under a name of its own before
    /// the model is replaced, and data files of earlier versions are removed only afterwards.
    /// </summary>
    /// <param name="graph">Graph to write.</param>
    /// <param name="path">Name of the model file; missing folders are made.</param>
    /// <param name="parameters">Elements, in C order, of the parameters that become constants; the others become inputs of the model.</param>
    /// <param name="threshold">Parameters of at least this many bytes go into the data file.</param>
    /// <exception cref="CloudsException">
    /// <see cref="Failure.Output"/>: a file cannot be written. <see cref="Failure.Weights"/>: values of the wrong number, or of an unknown parameter.
    /// </exception>
    public static void Save(GraphBuilder graph, string path, IReadOnlyDictionary<string, ReadOnlyMemory<float>> parameters, long threshold = DefaultThreshold)
    {
        string full = Path.GetFullPath(path);
        Check(graph, full, parameters);
        Parameter[] frozen = [.. graph.Parameters.Where(parameter => parameters.ContainsKey(parameter.Name))];
        Parameter[] large = [.. frozen.Where(parameter => parameter.Shape.ElementCount * sizeof(float) >= threshold)];
        Dictionary<string, object> elements = frozen.Except(large)
            .ToDictionary(parameter => parameter.Name, parameter => (object)Literal.Of(parameters[parameter.Name].Span, parameter.Shape.Sizes));
        string? data = null;
        if (large.Length > 0)
        {
            data = $"{Path.GetFileNameWithoutExtension(full)}.{Digest(large, parameters)}.data";
            WriteData(Path.Combine(Path.GetDirectoryName(full)!, data), data, large, parameters, elements);
        }

        AtomicFile.WriteAllBytes(full, OnnxModel.Write(graph, elements));
        RemoveStale(full, data);
    }

    private static void Check(GraphBuilder graph, string path, IReadOnlyDictionary<string, ReadOnlyMemory<float>> parameters)
    {
        Dictionary<string, Parameter> declared = graph.Parameters.ToDictionary(parameter => parameter.Name);
        string[] wrong = [.. parameters
            .Where(pair => !declared.TryGetValue(pair.Key, out Parameter? parameter) || parameter.Shape.ElementCount != pair.Value.Length)
            .Select(pair => declared.TryGetValue(pair.Key, out Parameter? parameter)
                ? $"{pair.Key}: {pair.Value.Length} values for shape {parameter.Shape}"
                : $"{pair.Key}: not in the graph")];
        if (wrong.Length > 0)
        {
            throw new CloudsException(Failure.Weights, $"{wrong.Length} parameters do not fit the graph {graph.Name}",
                path, string.Join("; ", wrong), "one value an element of each parameter");
        }
    }

    private static string Digest(Parameter[] large, IReadOnlyDictionary<string, ReadOnlyMemory<float>> parameters)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in large)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{parameter.Name}{parameter.Shape}"));
            hash.AppendData(MemoryMarshal.AsBytes(parameters[parameter.Name].Span));
        }

        return Convert.ToHexString(hash.GetHashAndReset().AsSpan(0, 8)).ToLower(CultureInfo.InvariantCulture);
    }

    private static void WriteData(
        string path, string name, Parameter[] large, IReadOnlyDictionary<string, ReadOnlyMemory<float>> parameters, Dictionary<string, object> elements)
    {
        using AtomicFile file = new(path);
        byte[] zeros = new byte[Alignment];
        long position = 0;
        foreach (Parameter parameter in large)
        {
            int gap = (int)((Alignment - (position % Alignment)) % Alignment);
            file.Write(zeros.AsSpan(0, gap));
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(parameters[parameter.Name].Span);
            file.Write(bytes);
            elements.Add(parameter.Name, new ExternalData(name, position + gap, bytes.Length));
            position += gap + bytes.Length;
        }

        file.Commit();
    }

    /// <summary>Removes data files of earlier versions of a model.</summary>
    internal static void RemoveStale(string path, string? current)
    {
        string stem = Path.GetFileNameWithoutExtension(path);
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{stem}.*.data"))
        {
            string name = Path.GetFileName(file);
            bool ours = name.Length == stem.Length + 22 && name.AsSpan(stem.Length + 1, 16).IndexOfAnyExcept("0123456789abcdef") < 0;
            if (!ours || name == current)
            {
                continue;
            }

            try
            {
                File.Delete(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The new model is complete without it; a leftover costs space only.
            }
        }
    }
}
