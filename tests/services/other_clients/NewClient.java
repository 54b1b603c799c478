// Java, java.net.http.HttpClient: GET, then POST, on one connection. Prints the status of the answer, or the error.
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

class NewClient {
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static HttpRequest.Builder call(String path) {
        return HttpRequest.newBuilder(URI.create(System.getenv("ALTEGIO_BASE_URL") + path))
            .header("Authorization", "Bearer " + System.getenv("ALTEGIO_PARTNER_TOKEN"))
            .header("Accept", "application/vnd.api.v2+json")
            .header("Content-Type", "application/json");
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        CLIENT.send(call("/api/v1/countries").build(), BodyHandlers.ofString());
        try {
            var post = call(arguments[0]).POST(BodyPublishers.ofString(arguments[1])).build();
            System.out.println(CLIENT.send(post, BodyHandlers.ofString()).statusCode());
        } catch (IOException error) {
            System.out.println("error: " + error.getMessage());
        }
    }
}
