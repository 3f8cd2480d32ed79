using System.Collections.Concurrent;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Tests.Server.Hosting;

namespace Clouds.Tests.Server.Requests;

/// <summary>Requests of every kind, good and bad, each with what its answer has to be.</summary>
/// <param name="running">The server; bodies above 100,000 bytes are too long for it.</param>
internal sealed class MixedRequests(RunningServer running)
{
    private readonly (RgbImage Image, byte[] File, ushort[] Labels)[] _pictures =
        [.. Enumerable.Range(0, 4).Select(i => Pictures.Noise(48 + (16 * i), 40, (ulong)i))
            .Select(image => (image, ImageFile.EncodePng(image), running.Labels(image)))];

    /// <summary>Sends them from so many connections at once.</summary>
    /// <returns>A sentence for each answer that is wrong.</returns>
    public async Task<ConcurrentBag<string>> Send(int count, int connections)
    {
        ConcurrentBag<string> wrong = [];
        ParallelOptions options = new() { MaxDegreeOfParallelism = connections };
        await Parallel.ForEachAsync(Enumerable.Range(0, count), options, async (i, _) =>
        {
            try
            {
                if (await Wrong(i) is string sentence)
                {
                    wrong.Add($"request {i}: {sentence}");
                }
            }
            catch (HttpRequestException failure)
            {
                wrong.Add($"request {i}: {failure.Message}");
            }
        });
        return wrong;
    }

    private Task<string?> Wrong(int i)
    {
        (RgbImage image, byte[] file, ushort[] labels) = _pictures[i / 10 % _pictures.Length];
        return (i % 10) switch
        {
            0 or 1 or 2 => Labelled("?as=ids", file, labels),
            3 => Labelled("", file, labels),
            4 => Overlay(file, image, labels),
            5 => Refused(RunningServer.Body(file[..(file.Length / 2)]), "", 422),
            6 => Refused(RunningServer.Body(new byte[150_000 + i]), "", 413),
            7 => Refused(RunningServer.Body(file, "text/plain"), "", 415),
            8 => Refused(RunningServer.Body(file), "?as=nothing", 400),
            _ => Healthy(),
        };
    }

    private async Task<string?> Labelled(string query, byte[] file, ushort[] labels)
    {
        using HttpResponseMessage answer = await running.Segment(RunningServer.Body(file), query);
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode && LabelPng.Decode(body).Ids.AsSpan().SequenceEqual(labels) ? null : $"{answer.StatusCode} for {query}";
    }

    private async Task<string?> Overlay(byte[] file, RgbImage image, ushort[] labels)
    {
        using HttpResponseMessage answer = await running.Segment(RunningServer.Body(file), "?as=overlay&opacity=0.25");
        byte[] body = await answer.Content.ReadAsByteArrayAsync();
        RgbImage expected = LabelPainter.Overlay(image, new LabelMap(image.Width, image.Height, labels), running.Classes.Colours, 0.25);
        return answer.IsSuccessStatusCode && ImageFile.Decode(body).Pixels.AsSpan().SequenceEqual(expected.Pixels) ? null : $"{answer.StatusCode} for overlay";
    }

    private async Task<string?> Refused(HttpContent body, string query, int status)
    {
        using HttpResponseMessage answer = await running.Segment(body, query);
        string text = await answer.Content.ReadAsStringAsync();
        return (int)answer.StatusCode == status && JsonDocument.Parse(text).RootElement.GetProperty("status").GetInt32() == status
            ? null
            : $"{answer.StatusCode} instead of {status}: {text}";
    }

    private async Task<string?> Healthy()
    {
        using HttpResponseMessage answer = await running.Client.GetAsync("health");
        return answer.IsSuccessStatusCode ? null : $"{answer.StatusCode} for health";
    }
}
