using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Clouds.Native.Images;
using Clouds.Native.Refinement;
using Clouds.Native.Sam;
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
        (RgbImage image, byte[] file, ushort[] labels) = _pictures[i / 13 % _pictures.Length];
        return (i % 13) switch
        {
            0 or 1 or 2 => Labelled("?as=ids", file, labels),
            3 => Labelled("", file, labels),
            4 => Overlay(file, image, labels),
            5 => Refused(RunningServer.Body(file[..(file.Length / 2)]), "", 422),
            6 => Refused(RunningServer.Body(new byte[150_000 + i]), "", 413),
            7 => Refused(RunningServer.Body(file, "text/plain"), "", 415),
            8 => Refused(RunningServer.Body(file), "?as=nothing", 400),
            9 => Predicted(image, file, i % 7),
            10 => Refined(image, file, labels, i),
            11 => Unknown(),
            _ => Healthy(),
        };
    }

    private async Task<string?> Predicted(RgbImage image, byte[] file, int x)
    {
        using HttpResponseMessage embedded = await running.Client.PostAsync("sam/embed", RunningServer.Body(file));
        string name = JsonDocument.Parse(await embedded.Content.ReadAsStringAsync()).RootElement.GetProperty("embedding").GetString()!;
        using HttpResponseMessage answer = await running.Client.PostAsync("sam/predict", Json($$"""{"embedding":"{{name}}","points":[{"x":{{x}},"y":5}]}"""));
        JsonElement masks = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("masks");
        float[] wanted = [.. running.Models.Sam!.Embed(image).Predict([new PromptPoint(x, 5)]).Masks.Select(mask => mask.Score)];
        return masks.EnumerateArray().Select(mask => mask.GetProperty("score").GetSingle()).SequenceEqual(wanted) ? null : "other masks";
    }

    private async Task<string?> Refined(RgbImage image, byte[] file, ushort[] labels, int seed)
    {
        LabelMap map = new(image.Width, image.Height, labels);
        using MultipartFormDataContent form = new()
        {
            { RunningServer.Body(file), "image", "image.png" }, { RunningServer.Body(LabelPng.EncodeGray8(map)), "labels", "labels.png" },
        };
        using HttpResponseMessage answer = await running.Client.PostAsync($"refine?as=json&seed={seed}", form);
        JsonElement record = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        using PseudoLabelRefiner refiner = new(running.Models.Sam!.Predictor, running.Models.Refinement);
        ushort[] wanted = refiner.Refine(image, map, new PointSeed((ulong)seed)).Map.Ids;
        return answer.IsSuccessStatusCode && LabelPng.Decode(record.GetProperty("labels").GetBytesFromBase64()).Ids.AsSpan().SequenceEqual(wanted)
            ? null
            : $"{answer.StatusCode} for refine";
    }

    private async Task<string?> Unknown()
    {
        using HttpResponseMessage answer = await running.Client.PostAsync("sam/predict", Json("""{"embedding":"none","points":[{"x":1,"y":5}]}"""));
        return (int)answer.StatusCode == 404 ? null : $"{answer.StatusCode} for an embedding that is not there";
    }

    private static ByteArrayContent Json(string text) => RunningServer.Body(Encoding.UTF8.GetBytes(text), "application/json");

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
